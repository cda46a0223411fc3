import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { readSettings } from '@credential-renewal/runtime';
import { createAuthority } from '@credential-renewal/runtime/testing';
import { expect, test } from 'vitest';
import { createEventSigner } from '../testing/sendgrid-events.ts';
import { temporaryDirectory } from '../testing/start-room.ts';
import { readTransportSettings } from './transport-settings.ts';

const { publicKey } = createEventSigner();
const mailFrom = { name: 'P', address: 'p@app.example' };

function file(content: string): string {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, content);
  return path;
}

const read = (url: string, env: Record<string, string> = {}, from = mailFrom) =>
  readSettings(env, (settings) =>
    readTransportSettings(settings, { url: new URL(url), mailFrom: from }),
  );

const sendGridFiles = () => ({
  SENDGRID_API_KEY_FILE: file('SG.planted.key\n'),
  SENDGRID_WEBHOOK_PUBLIC_KEY_FILE: file(`${publicKey}\n`),
});

test('the mailbox needs nothing, and sends nothing out', () => {
  expect(read('mailbox:')).toBeUndefined();
});

test.each([
  ['sendgrid:', 'https://api.sendgrid.com'],
  ['sendgrid://api.eu.sendgrid.com', 'https://api.eu.sendgrid.com'],
  ['sendgrid://api.sendgrid.com/', 'https://api.sendgrid.com'],
  ['sendgrid://localhost:4010', 'http://localhost:4010'],
  ['sendgrid://127.0.0.1:4010', 'http://127.0.0.1:4010'],
  ['sendgrid://localhost.evil.example', 'https://localhost.evil.example'],
])('%s speaks to %s', (url, baseUrl) => {
  expect(read(url, sendGridFiles())).toMatchObject({
    kind: 'sendgrid',
    baseUrl,
    webhook: { maxAgeMs: 86_400_000 },
  });
});

test.each([
  ['smtp://mail.example', { host: 'mail.example', port: 587, tls: 'required' }],
  ['smtp://mail.example:25?tls=opportunistic', { port: 25, tls: 'opportunistic' }],
  ['smtp://mail.example?tls=off', { tls: 'off' }],
  ['smtp://localhost:2525', { port: 2525, tls: 'off' }],
  ['smtp://localhost?tls=required', { tls: 'required' }],
  ['smtp://localhost.evil.example', { tls: 'required' }],
  ['smtp://[::1]:25', { host: '::1', tls: 'off' }],
  ['smtps://mail.example', { port: 465, tls: 'implicit' }],
  ['smtps://localhost:4465', { port: 4465, tls: 'implicit' }],
])('%s means %j', (url, server) => {
  expect(read(url)).toMatchObject({ kind: 'smtp', server, credentialsFile: undefined });
});

test('authorities of our own count for both', () => {
  const { certificate } = createAuthority('Ours');
  const env = { EGRESS_CA_FILE: file(certificate) };
  expect(read('smtp://mail.example', env)).toMatchObject({ server: { authorities: certificate } });
  expect(read('sendgrid:', { ...env, ...sendGridFiles() })).toMatchObject({
    egress: { authorities: certificate },
  });
});

test('what was read holds no key and no password, however it is shown', () => {
  const sendGrid = read('sendgrid:', sendGridFiles());
  const smtp = read('smtp://mail.example', { SMTP_CREDENTIALS_FILE: file('relay:planted\n') });
  for (const settings of [sendGrid, smtp])
    expect(`${JSON.stringify(settings)} ${inspect(settings, { depth: 9 })}`).not.toContain(
      'planted',
    );
});

test.each<[string, () => Record<string, string>, string]>([
  [
    'sendgrid:',
    () => ({ ...sendGridFiles(), SENDGRID_API_KEY_FILE: '' }),
    'SENDGRID_API_KEY_FILE must be set: the file with an API key of SendGrid',
  ],
  [
    'sendgrid:',
    () => ({ ...sendGridFiles(), SENDGRID_API_KEY_FILE: '/nowhere/key' }),
    'SENDGRID_API_KEY_FILE names a file that cannot be read (ENOENT)',
  ],
  [
    'sendgrid:',
    () => ({ ...sendGridFiles(), SENDGRID_API_KEY_FILE: file('\n') }),
    'SENDGRID_API_KEY_FILE names an empty file',
  ],
  [
    'sendgrid:',
    () => ({ ...sendGridFiles(), SENDGRID_API_KEY_FILE: file('planted of something else') }),
    'SENDGRID_API_KEY_FILE must name a file that holds an API key of SendGrid',
  ],
  [
    'sendgrid:',
    () => ({ ...sendGridFiles(), SENDGRID_WEBHOOK_PUBLIC_KEY_FILE: '' }),
    'SENDGRID_WEBHOOK_PUBLIC_KEY_FILE must be set: the file with the verification key of the signed event webhook, or several',
  ],
  [
    'sendgrid:',
    () => ({ ...sendGridFiles(), SENDGRID_WEBHOOK_PUBLIC_KEY_FILE: file('no key') }),
    'SENDGRID_WEBHOOK_PUBLIC_KEY_FILE must name a file that holds the verification key of the signed event webhook, or several',
  ],
  [
    'sendgrid:',
    () => ({ ...sendGridFiles(), SENDGRID_WEBHOOK_MAX_AGE_MS: '5' }),
    'SENDGRID_WEBHOOK_MAX_AGE_MS must be a whole number from 60000 to 604800000',
  ],
  [
    'sendgrid://apikey:planted@api.sendgrid.com',
    sendGridFiles,
    'MAIL_TRANSPORT_URL must not hold a user or a password: the key belongs in SENDGRID_API_KEY_FILE',
  ],
  [
    'sendgrid:api.eu.sendgrid.com',
    sendGridFiles,
    'MAIL_TRANSPORT_URL must be sendgrid: or sendgrid://host',
  ],
  [
    'sendgrid://api.sendgrid.com/v3',
    sendGridFiles,
    'MAIL_TRANSPORT_URL must be sendgrid: or sendgrid://host',
  ],
  [
    'smtp://relay:planted@mail.example',
    () => ({}),
    'MAIL_TRANSPORT_URL must not hold a user or a password: they belong in SMTP_CREDENTIALS_FILE',
  ],
  ['smtp:', () => ({}), 'MAIL_TRANSPORT_URL must name a server, such as smtp://mail.example:587'],
  [
    'smtp://mail.example?tls=maybe',
    () => ({}),
    'MAIL_TRANSPORT_URL takes tls=required, tls=opportunistic or tls=off, and nothing else',
  ],
  [
    'smtp://mail.example?pool=true',
    () => ({}),
    'MAIL_TRANSPORT_URL takes tls=required, tls=opportunistic or tls=off, and nothing else',
  ],
  [
    'smtps://mail.example?tls=off',
    () => ({}),
    'MAIL_TRANSPORT_URL with smtps: takes nothing after the port',
  ],
  [
    'smtp://mail.example',
    () => ({ SMTP_CREDENTIALS_FILE: file('planted') }),
    'SMTP_CREDENTIALS_FILE must name a file that holds user:password',
  ],
  [
    'smtp://mail.example?tls=off',
    () => ({ SMTP_CREDENTIALS_FILE: file('relay:planted') }),
    'SMTP_CREDENTIALS_FILE must not be used with tls=off in MAIL_TRANSPORT_URL: others could read the password',
  ],
  [
    'smtp://mail.example?tls=opportunistic',
    () => ({ SMTP_CREDENTIALS_FILE: file('relay:planted') }),
    'SMTP_CREDENTIALS_FILE must not be used with tls=opportunistic in MAIL_TRANSPORT_URL: others could read the password',
  ],
  [
    'smtp://mail.example',
    () => ({ EGRESS_CA_FILE: file('none') }),
    'EGRESS_CA_FILE must name a file of certificates in PEM',
  ],
])('%s is refused at start by name, without what is secret in it', (url, env, problem) => {
  const refusal = expect(() => read(url, env()));
  refusal.toThrow(expect.objectContaining({ problems: [problem] }));
});

test('every problem is told at once, the sender that nobody can answer too', () => {
  expect(() =>
    read('sendgrid://x:y@api.sendgrid.com/z', {}, { name: '', address: 'no-reply@localhost' }),
  ).toThrow(
    expect.objectContaining({
      problems: [
        expect.stringContaining('MAIL_TRANSPORT_URL must not hold'),
        expect.stringContaining('MAIL_TRANSPORT_URL must be'),
        expect.stringContaining('SENDGRID_API_KEY_FILE must be set'),
        expect.stringContaining('SENDGRID_WEBHOOK_PUBLIC_KEY_FILE must be set'),
        'MAIL_FROM must be an address that can be answered, not one of localhost',
      ],
    }),
  );
});
