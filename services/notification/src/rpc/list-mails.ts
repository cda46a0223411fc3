import type { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { checkInput, type RpcHandlers } from '@credential-renewal/rpc';
import { InputInvalidError } from '@credential-renewal/runtime';
import type { MailboxStore, MailPosition } from '../store/mailbox-store.ts';
import { toMailMessage } from './mail-message.ts';

const defaultPageSize = 50;

/** The mailbox, newest first, without bodies. Errors: INPUT_INVALID naming the field. */
export function createListMails(deps: {
  mailbox: MailboxStore;
}): RpcHandlers<typeof NotificationServiceService>['listMails'] {
  return async ({ pageSize, pageToken, to }) => {
    checkInput((check) => {
      check.pageSize('page_size', pageSize);
      check.pageToken('page_token', pageToken);
      check.text('to', to, { minLength: 0, maxLength: 320 });
    });
    const limit = pageSize || defaultPageSize;
    const found = await deps.mailbox.list({
      to: to || undefined,
      after: pageToken === '' ? undefined : readToken(pageToken),
      // One more tells whether there is a next page.
      limit: limit + 1,
    });
    const mails = found.slice(0, limit);
    const last = mails.at(-1);
    return {
      mails: mails.map(toMailMessage),
      nextPageToken: found.length > limit && last ? writeToken(last) : '',
    };
  };
}

function writeToken({ sentAtMs, id }: MailPosition): string {
  return Buffer.from(`${sentAtMs} ${id}`).toString('base64url');
}

function readToken(token: string): MailPosition {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const [, sentAtMs, id] = /^(\d{1,15}) ([0-9A-Za-z-]{1,64})$/.exec(text) ?? [];
  if (sentAtMs === undefined || id === undefined) {
    throw new InputInvalidError([
      { field: 'page_token', description: 'must be a page token of an earlier answer' },
    ]);
  }
  return { sentAtMs: Number(sentAtMs), id };
}
