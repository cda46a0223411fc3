import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../testing/start-room.ts';
import { readBranding } from './branding.ts';
import { createMailContexts } from './mail-contexts.ts';

function read(text: string | undefined) {
  const path = join(temporaryDirectory(), 'branding.yaml');
  if (text !== undefined) writeFileSync(path, text);
  return readSettings({ BRANDING_FILE: path }, readBranding);
}

test('an account has its own name, sender and pages, and what it leaves out is as for everybody', () => {
  const branding = read(`
    account-1:
      productName: Acme Sources
      from: Acme <mail@acme.example>
      publicUrl: https://acme.example/sources
    account-2: { productName: Beta }
  `);
  const contextOf = createMailContexts(
    {
      ...{ branding, publicUrl: new URL('https://app.example'), productName: 'Everybody' },
      mailFrom: { name: '', address: 'no-reply@app.example' },
    },
    undefined,
  );
  expect(contextOf('account-1')).toMatchObject({
    productName: 'Acme Sources',
    from: { name: 'Acme', address: 'mail@acme.example' },
    publicUrl: new URL('https://acme.example/sources'),
  });
  const second = contextOf('account-2');
  expect([second.productName, second.publicUrl.host]).toEqual(['Beta', 'app.example']);
  expect(contextOf('account-3').productName).toBe('Everybody');
});

test('JSON will do, and no file at all', () => {
  expect(read('{"account-1": {"productName": "A"}}').get('account-1')).toEqual({
    productName: 'A',
  });
  expect(readSettings({}, readBranding).size).toBe(0);
});

test.each([
  ['account-1: { publicUrl: "http://acme.example" }', 'account-1.publicUrl must begin with https:'],
  ['account-1: { publicUrl: acme }', 'account-1.publicUrl must be a URL'],
  ['account-1: { publicUrl: "ftp://acme.example" }', 'account-1.publicUrl must begin with https:'],
  ['account-1: { from: nobody }', 'account-1.from must be an address'],
  ['account-1: { from: "A\\nB <a@b.example>" }', 'account-1.from must be an address'],
  ['account-1: { productName: "" }', 'account-1.productName must be one line'],
  ['account-1: { productName: "A\\nB" }', 'account-1.productName must be one line'],
  ['account-1: { productName: 7 }', 'account-1.productName must be text'],
  ['account-1: { colour: red }', 'account-1.colour is not known'],
  ['account-1: text', 'account-1.* must be an object'],
  ['- a', 'the file must hold an object by account id'],
  ['a: [', 'the file must hold an object by account id'],
  [undefined, 'the file cannot be read (ENOENT)'],
])('%j is told with its key', (text, problem) => {
  expect(() => read(text)).toThrow(`BRANDING_FILE: ${problem}`);
});

test('everything that is wrong is told at once', () => {
  const wrong = () => read('a: { from: x }\nb: { productName: 1 }');
  expect(wrong).toThrow('a.from');
  expect(wrong).toThrow('b.productName');
});
