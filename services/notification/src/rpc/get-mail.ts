import type { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { checkInput, type RpcHandlers } from '@credential-renewal/rpc';
import { MailNotFoundError } from '../errors.ts';
import type { MailboxStore } from '../store/mailbox-store.ts';
import { toMailMessage } from './mail-message.ts';

/** One mail with both bodies. Errors: INPUT_INVALID, MAIL_NOT_FOUND. */
export function createGetMail(deps: {
  mailbox: MailboxStore;
}): RpcHandlers<typeof NotificationServiceService>['getMail'] {
  return async ({ mailId }) => {
    checkInput((check) => check.id('mail_id', mailId));
    const mail = await deps.mailbox.get(mailId);
    if (!mail) throw new MailNotFoundError();
    return { mail: { ...toMailMessage(mail), text: mail.text, html: mail.html } };
  };
}
