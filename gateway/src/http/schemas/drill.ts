import { type Static, Type } from 'typebox';
import { Id, Named, Nullable, Time } from './page.ts';

/**
 * How a drill ended: everybody has reacted, an administrator ended it, its time was over, the credentials expired for real, or the source was
 * disconnected.
 */
export const DrillEnd = Type.Union([
  Type.Literal('all_reacted'),
  Type.Literal('stopped'),
  Type.Literal('time_over'),
  Type.Literal('real_expiry'),
  Type.Literal('disconnected'),
]);
export type DrillEnd = Static<typeof DrillEnd>;

/** A rehearsed expiry: who was told, and who reacted when. `endsAt`: when it ends by itself at the latest. */
export const Drill = Type.Object({
  id: Id,
  startedAt: Time,
  startedBy: Named,
  endsAt: Time,
  endedAt: Nullable(Time),
  end: Nullable(DrillEnd),
  recipients: Type.Array(Type.Object({ user: Named, reactedAt: Nullable(Time) })),
});
export type Drill = Static<typeof Drill>;

/** A running drill that waits for the signed-in user's reaction. Nothing has expired. `startedBy`: the administrator's name. */
export const WaitingDrill = Type.Object({ id: Id, startedAt: Time, startedBy: Type.String() });
export type WaitingDrill = Static<typeof WaitingDrill>;

/** The data of a server-sent event `source.drill`: a drill began, somebody reacted, or it ended. One of the ids: where it is held. */
export const LiveDrill = Type.Object({
  sourceId: Nullable(Id),
  authorizedConnectionId: Nullable(Id),
  drillId: Id,
  running: Type.Boolean(),
});
export type LiveDrill = Static<typeof LiveDrill>;
