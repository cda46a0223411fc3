import { type Static, Type } from 'typebox';
import { Id } from './page.ts';

export const ConnectorKind = Type.Union([Type.Literal('personal'), Type.Literal('enterprise')]);
export type ConnectorKind = Static<typeof ConnectorKind>;

export const ConnectorSummary = Type.Object({ id: Id, name: Type.String(), kind: ConnectorKind });

/** An entry of the catalogue. */
export const Connector = Type.Object({
  id: Id,
  name: Type.String(),
  kind: ConnectorKind,
  scopes: Type.Array(Type.String()),
  providerName: Type.String(),
});
export type Connector = Static<typeof Connector>;
