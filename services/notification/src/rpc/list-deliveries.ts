import type { NotificationDeliveryServiceService } from '@credential-renewal/proto/notification/v1/deliveries';
import { checkInput, type RpcHandlers } from '@credential-renewal/rpc';
import { InputInvalidError } from '@credential-renewal/runtime';
import type { NotificationStore } from '../store/notification-store.ts';
import { toDeliveryMessage } from './delivery-message.ts';

const defaultPageSize = 50;

/** What was and will be sent about one credential, newest first. Errors: INPUT_INVALID naming the field. */
export function createListDeliveries({
  store,
}: {
  store: NotificationStore;
}): RpcHandlers<typeof NotificationDeliveryServiceService>['listDeliveries'] {
  return async ({ accountId, credentialId, pageSize, pageToken }) => {
    checkInput((check) => {
      check.id('account_id', accountId);
      check.id('credential_id', credentialId);
      check.pageSize('page_size', pageSize);
      check.pageToken('page_token', pageToken);
    });
    const limit = pageSize || defaultPageSize;
    const found = await store.listOfCredential({
      credentialId,
      after: pageToken === '' ? undefined : readToken(pageToken),
      // One more tells whether there is a next page.
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      // A credential belongs to one account: of another's there is nothing to see.
      deliveries: page.filter((one) => one.accountId === accountId).map(toDeliveryMessage),
      nextPageToken: found.length > limit && last ? Buffer.from(last.id).toString('base64url') : '',
    };
  };
}

function readToken(token: string): string {
  const id = Buffer.from(token, 'base64url').toString('utf8');
  if (/^[0-9A-Za-z-]{1,64}$/.test(id)) return id;
  throw new InputInvalidError([
    { field: 'page_token', description: 'must be a page token of an earlier answer' },
  ]);
}
