import type { Clock } from '@credential-renewal/runtime';
import type { MailboxStore } from '../store/mailbox-store.ts';
import type { MailTransport } from './mail-transport.ts';

/** Delivers into the embedded mailbox, which the browser can open. */
export function createMailboxTransport(deps: {
  mailbox: MailboxStore;
  clock: Clock;
}): MailTransport {
  return {
    name: 'mailbox',
    async deliver(mail, parts) {
      const added = await deps.mailbox.addMail(mail, parts, deps.clock.nowMs());
      return added ? 'sent' : 'superseded';
    },
  };
}
