import type { Clock } from '@credential-renewal/runtime';
import type { MailboxStore } from './mailbox-store.ts';
import type { MailClaims } from './mongo-mail-claims.ts';
import type { DeliveryDocuments } from './mongo-notification-documents.ts';

const pruneEveryMs = 3_600_000;

/** `claims` are over the documents that the notification store was made with. */
export function createMongoMailboxStore(deps: {
  mails: DeliveryDocuments['mails'];
  claims: MailClaims;
  clock: Clock;
}): MailboxStore {
  const { mails, claims, clock } = deps;
  let prunedAtMs = Number.NEGATIVE_INFINITY;

  async function pruneAtTimes(): Promise<void> {
    const nowMs = clock.nowMs();
    if (Math.abs(nowMs - prunedAtMs) < pruneEveryMs) return;
    prunedAtMs = nowMs;
    await claims.prune();
  }

  return {
    async addMail(unsent, parts, sentAtMs) {
      await pruneAtTimes();
      const mail = { ...unsent, sentAtMs };
      const partIds = parts.map(({ id }) => id);
      const token = await claims.begin(mail);
      if ((await claims.take(token, partIds)) && (await claims.commit(token, mail))) {
        await claims.mark(token, mail);
        return true;
      }
      await claims.settle(token);
      await claims.settleOld(partIds);
      return false;
    },

    async get(mailId) {
      return (await mails.first({ where: { mailId } }))?.document.mail;
    },

    async list({ to, after, limit }) {
      const from = after ?? { sentAtMs: Number.MAX_SAFE_INTEGER, id: '' };
      const found = await mails.list({
        where: {
          ...(to === undefined ? {} : { toAddress: to.toLowerCase() }),
          // Also leaves out what is not out: that has no `sentAtMs` here.
          sentAtMs: { $lte: from.sentAtMs },
          $or: [{ sentAtMs: { $lt: from.sentAtMs } }, { mailId: { $lt: from.id } }],
        },
        sort: { sentAtMs: -1, mailId: -1 },
        limit,
      });
      return found.map(({ document }) => document.mail);
    },

    // An attempt that is not out yet has no `sentAtMs` here, and is the claims' to prune.
    async forget(sentBeforeMs) {
      await mails.ask<{ sentAtMs?: number }, unknown>((collection) =>
        collection.deleteMany({ sentAtMs: { $lt: sentBeforeMs } }),
      );
    },
  };
}
