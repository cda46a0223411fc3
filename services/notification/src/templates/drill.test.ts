import { expect, test } from 'vitest';
import { makeNotification, makeUse } from '../testing/fixtures.ts';
import { drillMail } from './drill.ts';

const context = { publicUrl: new URL('https://app.example'), productName: 'Credential Renewal' };
const drill = makeNotification({ kind: 'drill', episodeId: 'drill-1' });

test('subject, preview, first words and button say that it is a drill', () => {
  const { subject, html, text } = drillMail([drill], context);
  expect(subject).toBe('[Drill] Credentials expired in source');
  const saying = 'This is a drill: nothing has expired, and there is nothing to renew.';
  expect(text.trimStart().startsWith(saying)).toBe(true);
  expect(html.match(new RegExp(saying, 'g'))).toHaveLength(2);
  expect(html).toContain('>Drill: open the page</a>');
  expect(html).not.toContain('>Renew credentials<');
  expect(html).not.toContain('#c92a2a');
});

test('it never says that something has expired or stopped', () => {
  const { text } = drillMail([drill], context);
  expect(text).not.toContain('have expired');
  expect(text).not.toContain('no longer sync');
});

test('the link leads to where the real one would, and names the drill', () => {
  const { text, html } = drillMail([drill], context);
  const link = 'https://app.example/my-sources?source=source-1&drill=drill-1';
  expect(text).toContain(link);
  expect(html).toContain(`href="${link.replace('&', '&amp;')}"`);
});

test('names are escaped, and several stand in one mail', () => {
  const other = { ...drill, episodeId: 'drill-2', uses: [makeUse({ id: 's-2', name: '<Wiki>' })] };
  const { html, text } = drillMail([drill, other], context);
  expect(html).toContain('&lt;Wiki&gt;');
  expect(html).not.toContain('<Wiki>');
  expect(text).toContain('drill=drill-1');
  expect(text).toContain('drill=drill-2');
});
