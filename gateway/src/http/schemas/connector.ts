import { type Static, Type } from 'typebox';
import { Id } from './page.ts';

export const ConnectorKind = Type.Union([Type.Literal('personal'), Type.Literal('enterprise')]);
export type ConnectorKind = Static<typeof ConnectorKind>;

export const ConnectorSummary = Type.Object({ id: Id, name: Type.String(), kind: ConnectorKind });

/** What a person says when they add a source: which of the provider's hosts is theirs. */
export const ConnectorParameter = Type.Object({
  name: Type.String(),
  label: Type.String(),
  /** A regular expression for the whole value. */
  pattern: Type.String(),
  help: Type.String(),
  example: Type.String(),
});
export type ConnectorParameter = Static<typeof ConnectorParameter>;

/** `Connector.parameters` by their names. */
export const GivenParameters = Type.Record(Type.String(), Type.String({ maxLength: 300 }), {
  maxProperties: 10,
});
export type GivenParameters = Static<typeof GivenParameters>;

/** An entry of the catalogue. */
export const Connector = Type.Object({
  id: Id,
  name: Type.String(),
  kind: ConnectorKind,
  scopes: Type.Array(Type.String()),
  providerName: Type.String(),
  /** Empty for most: nobody is asked for anything. */
  parameters: Type.Array(ConnectorParameter),
});
export type Connector = Static<typeof Connector>;
