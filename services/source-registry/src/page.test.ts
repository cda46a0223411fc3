import { expect, test } from 'vitest';
import { cutPage, readPage } from './page.ts';

const positionOf = (order: number) => ({ order, id: `id-${order}` });

test('a token leads to where its page ended', () => {
  const { items, nextPageToken } = cutPage([9, 8, 7], 2, positionOf);
  expect(items).toEqual([9, 8]);
  expect(readPage({ pageSize: 2, pageToken: nextPageToken })).toEqual({
    limit: 2,
    after: { order: 8, id: 'id-8' },
  });
});

test('the last page gives no token', () => {
  expect(cutPage([9, 8], 2, positionOf).nextPageToken).toBe('');
});

test.each(['x', '%%%', 'MQ', Buffer.from("1 ' OR 1=1").toString('base64url')])(
  'the token %s is refused by name',
  (pageToken) => {
    expect(() => readPage({ pageSize: 0, pageToken })).toThrow(/^page_token: /);
  },
);
