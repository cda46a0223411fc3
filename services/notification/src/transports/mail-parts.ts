import type { Mail } from '../sending/mail.ts';
import type { MailAddress } from '../sending/mail-address.ts';
import { oneLine } from '../sending/one-line.ts';

/** What every transport says of a mail besides its bodies. Nothing in it can begin a header of its own. */
export type MailParts = {
  from: MailAddress;
  to: MailAddress;
  subject: string;
  /** `Message-ID`, and those that tell machines how to treat it. */
  headers: Record<string, string>;
};

export function mailParts(mail: Mail): MailParts {
  return {
    from: plain(mail.from),
    to: plain(mail.to),
    subject: oneLine(mail.subject, 998),
    headers: {
      'Message-ID': mail.messageId,
      // RFC 3834: nobody's vacation notice is to answer it.
      'Auto-Submitted': 'auto-generated',
      ...unsubscribeHeaders(mail.unsubscribeUrl),
    },
  };
}

function plain({ name, address }: MailAddress): MailAddress {
  return { name: oneLine(name), address };
}

/** RFC 8058 section 3.1: both, and the link is https. */
function unsubscribeHeaders(url: string | undefined): Record<string, string> {
  if (url === undefined) return {};
  return {
    'List-Unsubscribe': `<${new URL(url).href}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}
