import { InputInvalidError } from '@credential-renewal/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { MailNotFoundError } from '../errors.ts';
import { composeMail } from '../sending/compose-mail.ts';
import { createSqliteMailboxStore } from '../store/sqlite-mailbox-store.ts';
import { openNotificationDatabase } from '../store/sqlite-notification-database.ts';
import { createSqliteNotificationStore } from '../store/sqlite-notification-store.ts';
import { makeNotification, startMs } from '../testing/fixtures.ts';
import { createGetMail } from './get-mail.ts';
import { createListMails } from './list-mails.ts';

const context = { signal: new AbortController().signal };

/** Five mails, two of them in the same millisecond; the even ones are Bob's. */
async function startFilledMailbox() {
  const database = openNotificationDatabase(':memory:');
  onTestFinished(() => database.close());
  const store = createSqliteNotificationStore(database);
  const mailbox = createSqliteMailboxStore(database);
  for (const [number, atMs] of [1, 2, 3, 3, 5].entries()) {
    const name = number % 2 === 0 ? 'Ann' : 'Bob';
    const notification = makeNotification({
      id: `n-${number}`,
      episodeId: `e-${number}`,
      recipient: { userId: name, name, email: `${name}@Example.com` },
    });
    await store.create(notification);
    const mail = composeMail([notification], {
      nowMs: startMs,
      publicUrl: new URL('https://app.example'),
      productName: 'P',
      from: { name: 'P', address: 'p@app.example' },
    });
    await mailbox.addMail(mail, [notification], startMs + atMs);
  }
  return { list: createListMails({ mailbox }), get: createGetMail({ mailbox }) };
}

test('pages run from the newest to the oldest without gap or repetition', async () => {
  const { list } = await startFilledMailbox();
  const seen: string[][] = [];
  let pageToken = '';
  do {
    const page = await list({ pageSize: 2, pageToken, to: '' }, context);
    seen.push(page.mails.map((mail) => mail.id));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual([['n-4', 'n-3'], ['n-2', 'n-1'], ['n-0']]);
});

test('a list for one address has only theirs, whatever the case of its letters, and no bodies', async () => {
  const { list } = await startFilledMailbox();
  const { mails, nextPageToken } = await list(
    { pageSize: 0, pageToken: '', to: 'bob@example.COM' },
    context,
  );
  expect(mails.map((mail) => mail.to)).toEqual(['Bob <Bob@Example.com>', 'Bob <Bob@Example.com>']);
  expect(mails.every((mail) => mail.text === '' && mail.html === '')).toBe(true);
  expect(nextPageToken).toBe('');
});

test.each([
  ['page_size', { pageSize: -1 }],
  ['page_size', { pageSize: 201 }],
  ['page_token', { pageToken: 'bm90IG9uZQ' }],
  ['to', { to: 'a\nb' }],
])('a wrong %s is refused by name', async (field, wrong) => {
  const { list } = await startFilledMailbox();
  const refusal = list({ pageSize: 0, pageToken: '', to: '', ...wrong }, context);
  await expect(refusal).rejects.toThrow(InputInvalidError);
  await expect(refusal).rejects.toThrow(field);
});

test('one mail comes with both bodies, an unknown id is a named error', async () => {
  const { get } = await startFilledMailbox();
  const { mail } = await get({ mailId: 'n-1' }, context);
  expect(mail?.text).toContain('Hello Bob,');
  expect(mail?.html).toContain('Hello Bob,');
  await expect(get({ mailId: 'n-99' }, context)).rejects.toThrow(MailNotFoundError);
  await expect(get({ mailId: '' }, context)).rejects.toThrow('mail_id');
});
