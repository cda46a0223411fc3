import type { Clock } from '@credential-renewal/runtime';
import type { StoredMail } from './mailbox-store.ts';
import { type DeliveryDocuments, waitingWords } from './mongo-notification-documents.ts';

/**
 * How a mail and the marks of all its parts become one change without a transaction.
 *
 *   begin    an attempt is inserted under an id that never existed before, its *token*; nobody can see its mail yet
 *   take     each part that is waiting and unclaimed gets the token as its claim; one missing part ends the attempt
 *   commit   the attempt changes from pending to out, by one conditional write: this is the moment at which the mail is sent
 *   mark     the parts that hold the token are marked as sent, and hold it no longer
 *
 * A claimed notification is changed by nobody. Whoever has to change one (to cancel it, say), or finds a claim that is too old,
 * *settles* its token first: he removes the attempt if it is still pending. Then either it is gone for good, and its claims are
 * taken away, or it is out, and its parts are marked as whoever sent it would have done.
 *
 * Why this is exactly once, wherever a process dies, or sleeps and goes on, and whatever reply is lost:
 *
 * 1. An attempt is either out for ever or gone for ever. Both steps are conditional on "pending" in one document, so one wins; and what is
 *    gone does not come back, since no token is ever inserted by two requests, not even by a repetition of the same one.
 * 2. A part loses a claim only after its attempt is out or gone (settle), and then only in the write that marks it, if it is out.
 * 3. `commit` comes after all parts were seen to hold the token. They still do when it succeeds: the attempt was pending until
 *    then, and with 2 nobody took a claim from a pending one.
 * 4. So a mail that is out has all its parts, and they go from waiting to sent and nowhere else: to change one otherwise (each change is conditional
 *    on the version, and a claim changes that) one has to see it without a claim. None is in two mails, none is sent and cancelled.
 * 5. A claim that comes late (the server had the request for a while) finds the part sent, which does nothing, or claims it for an attempt that is
 *    gone. Like what a dead process leaves, that is settled when it is `claimMs` old. Until then nobody is offered the part, so
 *    a sender does not turn in a circle; and since settling is safe at any time, neither a slow sender nor a wrong clock harms more than speed.
 */
export type MailClaims = {
  /** Answers with the token. */
  begin(mail: StoredMail): Promise<string>;
  /** False: one of the parts is not waiting, or is in other hands. */
  take(token: string, partIds: readonly string[]): Promise<boolean>;
  /** False: somebody has settled the attempt, and its mail will never be out. */
  commit(token: string, mail: StoredMail): Promise<boolean>;
  mark(token: string, mail: StoredMail): Promise<void>;
  /** Ends the attempt. True: its mail is out, and all its parts are marked. */
  settle(token: string): Promise<boolean>;
  /** Settles what others have left on these. */
  settleOld(partIds: readonly string[]): Promise<void>;
  /** Of notifications that may be offered to a sender. */
  unclaimed(): Record<string, unknown>;
  /** Removes attempts that nobody can be at any more. At the wrong moment this would end one, as `settle` does. */
  prune(): Promise<void>;
};

/** Far longer than from `take` to `mark`, so that a claim gets old by death and not by slowness. */
const claimMs = 60_000;

const noClaim = { claimToken: '', claimedAtMs: '' } as const;
type Claimable = { state: string; version: number; claimToken?: string; claimedAtMs?: number };

export function createMailClaims({
  notifications,
  mails,
  clock,
}: DeliveryDocuments & { clock: Clock }): MailClaims {
  const letGo = (token: string, change: { $set?: Record<string, unknown> } = {}) =>
    notifications.ask<Claimable, unknown>((collection) =>
      collection.updateMany(
        { claimToken: token } as object,
        { ...change, $unset: noClaim, $inc: { version: 1 } } as object,
      ),
    );

  /** Answers with how many hold the token now. */
  async function claim(token: string, partIds: string[]): Promise<number> {
    await notifications.ask<Claimable, unknown>((collection) =>
      collection.updateMany(
        {
          _id: { $in: partIds },
          state: { $in: waitingWords },
          claimToken: { $exists: false },
        },
        { $set: { claimToken: token, claimedAtMs: clock.nowMs() }, $inc: { version: 1 } },
      ),
    );
    const holding = await notifications.list({ where: { claimToken: token }, only: ['_id'] });
    return holding.length;
  }

  const claims: MailClaims = {
    begin: (mail) => mails.insertUnderNewId({ mail, pendingSinceMs: clock.nowMs() }),

    async take(token, partIds) {
      // Of those who send the same digest the one who gets its first part goes on; else each could get some, and nobody all.
      if ((await claim(token, partIds.slice(0, 1))) < 1) return false;
      return partIds.length === 1 || (await claim(token, partIds.slice(1))) === partIds.length;
    },

    commit: (token, mail) => mails.replace(token, 1, { mail, pendingSinceMs: undefined }),

    // `sent` of notification-steps.ts, for any number of parts at once.
    mark: async (token, { id, sentAtMs }) => {
      const document = { 'document.state': 'sent', 'document.mailId': id };
      const times = { 'document.sentAtMs': sentAtMs, 'document.stateAtMs': sentAtMs };
      await letGo(token, { $set: { state: 'sent', mailId: id, ...document, ...times } });
    },

    async settle(token) {
      await mails.remove({ _id: token, pendingSinceMs: { $exists: true } });
      // Read after a write that has ended it, so what is still there is out.
      const attempt = await mails.find(token);
      if (attempt) await claims.mark(token, attempt.document.mail);
      else await letGo(token);
      return attempt !== undefined;
    },

    async settleOld(partIds) {
      const old = await notifications.list({
        where: {
          _id: { $in: partIds },
          claimToken: { $exists: true },
          ...claims.unclaimed(),
        },
        only: ['claimToken'],
      });
      const tokens = new Set(old.map(({ claimToken }) => String(claimToken)));
      for (const token of tokens) await claims.settle(token);
    },

    unclaimed() {
      const nowMs = clock.nowMs();
      return {
        $or: [
          { claimedAtMs: { $exists: false } },
          { claimedAtMs: { $lt: nowMs - claimMs } },
          // Of a clock that ran far ahead.
          { claimedAtMs: { $gt: nowMs + 10 * claimMs } },
        ],
      };
    },

    async prune() {
      const beforeMs = clock.nowMs() - 60 * claimMs;
      await mails.ask<{ pendingSinceMs?: number }, unknown>((collection) =>
        collection.deleteMany({ pendingSinceMs: { $lt: beforeMs } } as object),
      );
    },
  };
  return claims;
}
