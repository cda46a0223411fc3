import type { Mail as MailMessage } from '@credential-renewal/proto/notification/v1/notification';
import { formatAddress } from '../sending/mail-address.ts';
import type { StoredMail } from '../store/mailbox-store.ts';

/** Without bodies: a list does not carry them. */
export function toMailMessage(mail: StoredMail): MailMessage {
  return {
    id: mail.id,
    from: formatAddress(mail.from),
    to: formatAddress(mail.to),
    subject: mail.subject,
    sentAt: new Date(mail.sentAtMs),
    text: '',
    html: '',
    kind: mail.kind,
    episodeIds: mail.episodeIds,
  };
}
