import type { Mail } from '../sending/mail.ts';
import type { MailAddress } from '../sending/mail-address.ts';
import { mailParts } from './mail-parts.ts';
import type { SendGridMail } from './sendgrid-client.ts';

/** The name under which our id of a mail comes back in every event of the webhook. */
export const mailIdArgument = 'mail_id';

/**
 * A mail as `@sendgrid/mail` wants it. Everything that would change our words is off: rewritten links would send people through another
 * host, a pixel would say who opened what, and a footer of SendGrid's would offer to unsubscribe from mails that are owed. The headers stand in
 * the personalization, because the library sends those of the mail as headers of its own HTTP request as well.
 */
export function toSendGridMail(mail: Mail): SendGridMail {
  const { from, to, subject, headers } = mailParts(mail);
  return {
    from: toEmail(from),
    subject,
    content: [
      { type: 'text/plain', value: mail.text },
      { type: 'text/html', value: mail.html },
    ],
    personalizations: [{ to: toEmail(to), headers, customArgs: { [mailIdArgument]: mail.id } }],
    categories: [mail.kind],
    trackingSettings: {
      clickTracking: { enable: false, enableText: false },
      openTracking: { enable: false },
      subscriptionTracking: { enable: false },
      ganalytics: { enable: false },
    },
  };
}

function toEmail({ name, address }: MailAddress): { email: string; name?: string } {
  return name === '' ? { email: address } : { email: address, name };
}
