import { type Static, Type } from 'typebox';
import { Id, Named, Nullable, Time } from './page.ts';

export const DeliveryState = Type.Union([
  Type.Literal('queued'),
  Type.Literal('sent'),
  Type.Literal('delivered'),
  Type.Literal('bounced'),
  Type.Literal('cancelled'),
  Type.Literal('failed'),
]);
export type DeliveryState = Static<typeof DeliveryState>;

/**
 * What became of one mail to one person. `kind`: `expired`, `expiring`, `reminder`, `recovered`, `drill`, `escalation`, `delayed`. `dueAt`: when a
 * queued one goes out; `explanation`: why it bounced, failed or was cancelled; `inDigest`: it went out in one mail with others.
 */
export const Delivery = Type.Object({
  id: Id,
  episodeId: Id,
  kind: Type.String(),
  recipient: Named,
  state: DeliveryState,
  stateAt: Time,
  queuedAt: Time,
  dueAt: Nullable(Time),
  sentAt: Nullable(Time),
  explanation: Nullable(Type.String()),
  inDigest: Type.Boolean(),
});
export type Delivery = Static<typeof Delivery>;
