import { expect, test } from 'vitest';
import { ReturnTargetInvalidError } from '../errors.ts';
import { createReturnTargets, withParameter } from './return-target.ts';

const publicUrl = new URL('https://app.example');
const targets = createReturnTargets({ publicUrl, allowedOrigins: ['https://other.example:8443'] });

test.each([
  '/',
  '/my-sources',
  '/workspaces/1?tab=a&b=%2F%2Fx#part',
  '/authorize/01900000-0000-7000-8000-0000000000e1',
  'https://app.example/sources/1',
  'https://other.example:8443/done?x=1',
])('%j may be returned to', (returnTo) => {
  expect(targets.check(returnTo)).toBe(returnTo);
});

test.each([
  '',
  'my-sources',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/x\nSet-Cookie: a=b',
  '/x\u007f',
  'https://evil.example',
  'https://other.example',
  'http://other.example:8443',
  'https://app.example.evil.example',
  'https://app.example@evil.example',
  'https://user:pass@app.example/',
  'javascript:alert(1)',
  'data:text/html,x',
  'https:/\\evil.example',
  `/${'x'.repeat(2000)}`,
])('%j may not', (returnTo) => {
  expect(() => targets.check(returnTo)).toThrow(ReturnTargetInvalidError);
});

test('whatever may be returned to stays on an allowed origin when a browser resolves it', () => {
  const pieces = [
    '/',
    '\\',
    '.',
    '//',
    ':',
    '@',
    '?',
    '#',
    '%2f',
    'evil.example',
    'https:',
    '\t',
    ' ',
  ];
  for (const a of pieces)
    for (const b of pieces)
      for (const c of pieces)
        for (const returnTo of [a + b + c, `/${a}${b}${c}`]) {
          try {
            targets.check(returnTo);
          } catch {
            continue;
          }
          expect(new URL(returnTo, publicUrl).origin, returnTo).toBe(publicUrl.origin);
        }
});

test('the outcome is added once, beside what the target already has', () => {
  const add = (returnTo: string) => withParameter(returnTo, 'authorization', '7', publicUrl);
  expect(add('/my-sources')).toBe('/my-sources?authorization=7');
  expect(add('/my-sources?authorization=6&x=1#top')).toBe('/my-sources?authorization=7&x=1#top');
  expect(add('https://other.example:8443/a')).toBe('https://other.example:8443/a?authorization=7');
});
