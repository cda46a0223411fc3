import { expect, test } from 'vitest';
import { fillTemplate, isHarmless, placeholdersOf } from './url-template.ts';

const template = 'https://{subdomain}.zendesk.example/{area}/tokens';

test('placeholders are found once each and filled', () => {
  expect(placeholdersOf(`${template}?{area}`)).toEqual(['subdomain', 'area']);
  expect(fillTemplate(template, { subdomain: 'acme-1', area: 'eu.west' })).toBe(
    'https://acme-1.zendesk.example/eu.west/tokens',
  );
});

test.each([
  '',
  '.',
  '..',
  'a..b',
  'a.',
  '.a',
  '-a',
  'a/b',
  'a:1',
  'a@b',
  'a?b',
  'a#b',
  'a%2fb',
  'a\\b',
  'a b',
  'a\n',
  'ä',
  'x'.repeat(254),
])('%o cannot stand in a URL', (value) => {
  expect(isHarmless(value)).toBe(false);
  expect(() => fillTemplate(template, { subdomain: value, area: 'x' })).toThrow('subdomain');
});

test('a value that is missing, or only inherited, is told by name', () => {
  expect(() => fillTemplate('https://{toString}.example', {})).toThrow('{toString}');
});

test('whatever a value is, the URL stays under the fixed part of its host and keeps its shape', () => {
  const parts = [
    'a',
    '.',
    '-',
    '/',
    '\\',
    ':',
    '@',
    '?',
    '#',
    '%2e',
    '%2f',
    ' ',
    '\t',
    'evil.example',
    '..',
    '{x}',
    '。',
    '',
  ];
  const values = parts.flatMap((one) =>
    parts.flatMap((two) => parts.map((three) => one + two + three)),
  );
  let filled = 0;
  for (const subdomain of values) {
    if (!isHarmless(subdomain)) continue;
    filled += 1;
    const url = new URL(fillTemplate(template, { subdomain, area: subdomain }));
    expect(url.hostname.endsWith('.zendesk.example')).toBe(true);
    expect(url.pathname).toBe(`/${subdomain}/tokens`);
    expect(url.port + url.username + url.search + url.hash).toBe('');
  }
  expect(filled).toBeGreaterThan(20);
});
