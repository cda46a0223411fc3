import { expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { makeNotification, makeUse } from '../testing/fixtures.ts';
import { digestMail } from './digest.ts';

const context = { publicUrl: new URL('https://app.example'), productName: 'Credential Renewal' };

function notifications(count: number): [Notification, ...Notification[]] {
  const make = (number: number) =>
    makeNotification({
      id: `n-${number}`,
      episodeId: `e-${number}`,
      uses: [makeUse({ id: `s-${number}`, name: `Source ${number}` })],
    });
  return [make(1), ...Array.from({ length: count - 1 }, (_, index) => make(index + 2))];
}

test('the subject is exactly that of a single mail', () => {
  expect(digestMail(notifications(3), context).subject).toBe('Credentials expired in source');
});

test('every source has its name, reason and link in both bodies', () => {
  const { html, text } = digestMail(notifications(3), context);
  for (const number of [1, 2, 3]) {
    expect(text).toContain(`Source: Source ${number} (Google Drive)`);
    expect(text).toContain(`https://app.example/my-sources?source=s-${number}\n`);
    expect(html).toContain(`href="https://app.example/my-sources?source=s-${number}"`);
  }
  expect(text.match(/Google says that the access was withdrawn/g)).toHaveLength(3);
});

test('a very long digest stays below what large mailbox providers cut, and says what it leaves out', () => {
  const { html, text } = digestMail(notifications(500), context);
  expect(Buffer.byteLength(html)).toBeLessThan(102_000);
  expect(text).toContain('470 more are not listed here.');
  expect(text).toContain('Open My sources:\nhttps://app.example/my-sources\n');
});

test('a section of a credential with very many sources names a few and counts the rest', () => {
  const [first] = notifications(1);
  first.uses = Array.from({ length: 500 }, (_, index) =>
    makeUse({ id: `${index}`, name: `S${index}` }),
  );
  const { text } = digestMail([first], context);
  expect(text).toContain('S0, S1, S2 and 497 more');
  expect(text).toContain('And more: 497 that are not listed here');
});

test('markup in a name is shown, never run', () => {
  const [first, second] = notifications(2);
  if (second) second.uses = [makeUse({ name: '<b>x</b>' })];
  const { html } = digestMail(second ? [first, second] : [first], context);
  expect(html).toContain('&lt;b&gt;x&lt;/b&gt;');
  expect(html).not.toContain('<b>');
});
