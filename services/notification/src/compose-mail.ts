import type { Mail, MailContent, MailKind } from './mail.ts';
import type { MailAddress } from './mail-address.ts';
import type { Notification } from './notification.ts';
import { digestMail } from './templates/digest.ts';
import { drillMail } from './templates/drill.ts';
import { expiredMail } from './templates/expired.ts';
import type { TemplateContext } from './templates/mail-content.ts';
import { recoveredMail } from './templates/recovered.ts';

/** One mail for notifications of one recipient and one kind, oldest first. */
export function composeMail(
  parts: readonly [Notification, ...Notification[]],
  context: TemplateContext & { from: MailAddress },
): Mail {
  const [oldest] = parts;
  const { name, email } = oldest.recipient;
  return {
    ...content(parts, context),
    id: oldest.id,
    messageId: `<${oldest.id}@${context.from.address.split('@')[1]}>`,
    kind: mailKind(parts),
    from: context.from,
    to: { name, address: email },
    episodeIds: parts.map((part) => part.episodeId),
  };
}

function mailKind(parts: readonly [Notification, ...Notification[]]): MailKind {
  return parts[0].kind === 'expired' && parts.length > 1 ? 'digest' : parts[0].kind;
}

function content(
  parts: readonly [Notification, ...Notification[]],
  context: TemplateContext,
): MailContent {
  const kind = mailKind(parts);
  switch (kind) {
    case 'expired':
      return expiredMail(parts[0], context);
    case 'digest':
      return digestMail(parts, context);
    case 'recovered':
      return recoveredMail(parts, context);
    case 'drill':
      return drillMail(parts, context);
    default:
      return kind satisfies never;
  }
}
