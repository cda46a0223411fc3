import { checkInput } from '@credential-renewal/rpc';
import { InputInvalidError } from '@credential-renewal/runtime';
import { firstKeptDay } from '../access-token/token-read-counter.ts';
import type { BrokerContext } from '../broker-context.ts';
import { tokenReadsId } from '../store/token-read-store.ts';
import type { BrokerHandlers } from './broker-handlers.ts';

const defaultPageSize = 100;

/** This replica's counts are written first, so that somebody who asks finds their own last read. */
export function listTokenReads(broker: BrokerContext): BrokerHandlers['listTokenReads'] {
  return async ({ accountId, credentialId, pageSize, pageToken }) => {
    checkInput((check) => {
      check.id('account_id', accountId);
      check.optionalId('credential_id', credentialId);
      check.pageSize('page_size', pageSize);
      // A worker's name may be 100 characters long, of up to three bytes each.
      check.that(
        'page_token',
        pageToken.length <= 600,
        'must be a page token of an earlier answer',
      );
    });
    const limit = pageSize || defaultPageSize;
    const after = pageToken === '' ? undefined : readToken(pageToken);
    await broker.tokenReads.flush();
    const found = await broker.store.tokenReads.list({
      ...{ accountId, credentialId, after },
      fromDay: firstKeptDay(broker.clock.nowMs()),
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return {
      reads: page.map(({ credentialId, worker, day, count, lastReadAtMs }) => ({
        ...{ credentialId, worker, day },
        count: BigInt(count),
        lastReadAt: new Date(lastReadAtMs),
      })),
      nextPageToken: last ? Buffer.from(tokenReadsId(last)).toString('base64url') : '',
    };
  };
}

function readToken(token: string): string {
  const id = Buffer.from(token, 'base64url').toString();
  if (/^\d{4}-\d\d-\d\d\//.test(id)) return id;
  throw new InputInvalidError([
    { field: 'page_token', description: 'is not one that this list gave out' },
  ]);
}
