import type { Notification } from '../notification.ts';
import type { Mail } from '../sending/mail.ts';

export type StoredMail = Mail & { sentAtMs: number };

/** A place in the list, for the next page: everything strictly older follows. */
export type MailPosition = { sentAtMs: number; id: string };

/**
 * The embedded mailbox. It exists only inside the database of the notification store, since its one promise is atomicity
 * with it: `addMail` writes the mail and marks all `parts` as sent, or does nothing and answers false, because one of
 * the parts is not waiting any more, or somebody else is sending it at this moment. When it throws, either may
 * have happened or happen yet; the next `update` of a part settles it.
 */
export type MailboxStore = {
  addMail(mail: Mail, parts: readonly Notification[], sentAtMs: number): Promise<boolean>;
  get(mailId: string): Promise<StoredMail | undefined>;
  /** Newest first. `to` is compared without case. */
  list(options: {
    to: string | undefined;
    after: MailPosition | undefined;
    limit: number;
  }): Promise<StoredMail[]>;
  /** Removes what was sent before then. */
  forget(sentBeforeMs: number): Promise<void>;
};
