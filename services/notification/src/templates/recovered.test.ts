import { expect, test } from 'vitest';
import { makeNotification, makeUse, startMs } from '../testing/fixtures.ts';
import { recoveredMail } from './recovered.ts';

const context = { publicUrl: new URL('https://app.example'), productName: 'Credential Renewal' };

const recovered = makeNotification({ kind: 'recovered', recoveredAtMs: startMs + 3_600_000 });

test('it says that the source works again, for how long it did not, and that there is nothing to do', () => {
  const { subject, html, text } = recoveredMail([recovered], context);
  expect(subject).toBe('Credentials work again in source');
  for (const said of [
    'The credentials of the source “Team Drive” work again. There is nothing to do for you.',
    'from 3 May 2026 at 14:05 UTC to 3 May 2026 at 15:05 UTC',
    'Google',
  ]) {
    expect(text).toContain(said);
    expect(html).toContain(said);
  }
});

test('it asks for nothing: no button, and no link but the one that stands below every mail', () => {
  const { html, text } = recoveredMail([recovered], context);
  expect(html.match(/href/g)).toHaveLength(1);
  expect(text.match(/https:.*/g)).toEqual(['https://app.example/notification-settings']);
});

test('several that recovered together stand in one mail', () => {
  const other = { ...recovered, uses: [makeUse({ id: 's-2', name: '<Wiki>' })] };
  const { html, text } = recoveredMail([recovered, other], context);
  expect(text).toContain('2 credentials that you look after work again');
  expect(text).toContain('Source: Team Drive (Google Drive)');
  expect(html).toContain('&lt;Wiki&gt; (Google Drive)');
});
