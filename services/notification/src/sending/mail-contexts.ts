import type { NotificationConfig } from '../config.ts';
import type { UnsubscribeTokens } from '../preferences/unsubscribe-token.ts';
import type { MailContext } from './compose-mail.ts';
import { unsubscribeLink } from './renewal-link.ts';

/** Each account's own product name, sender and address of the pages, or those of everybody. */
export function createMailContexts(
  config: Pick<NotificationConfig, 'publicUrl' | 'productName' | 'mailFrom' | 'branding'>,
  tokens: UnsubscribeTokens | undefined,
): (accountId: string) => MailContext {
  return (accountId) => {
    const own = config.branding.get(accountId);
    const publicUrl = own?.publicUrl ?? config.publicUrl;
    return {
      publicUrl,
      productName: own?.productName ?? config.productName,
      from: own?.from ?? config.mailFrom,
      ...(tokens && {
        unsubscribeUrl: ({ recipient }) =>
          unsubscribeLink(
            publicUrl,
            tokens.make({ accountId, userId: recipient.userId }, recipient.email),
          ),
      }),
    };
  };
}
