import { ConfigurationInvalidError } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { readNotificationConfig } from './config.ts';

const least = {
  STORE_URL: 'sqlite:notification.db',
  REGISTRY_ADDRESS: 'localhost:50051',
  PUBLIC_URL: 'https://app.example',
};

test('three settings are enough; the window is 15 minutes', () => {
  expect(readNotificationConfig(least)).toMatchObject({
    digestWindowMs: 900_000,
    dailyDigestHourUtc: 6,
    mailRatePerSecond: 10,
    unsubscribeKeyFile: undefined,
    productName: 'Credential Renewal',
    mailFrom: { name: 'Credential Renewal', address: 'no-reply@localhost' },
  });
});

test('every wrong variable is named at once', () => {
  const read = () =>
    readNotificationConfig({
      STORE_URL: 'postgres://db',
      PUBLIC_URL: 'http://app.example',
      MAIL_FROM: 'nobody',
      MAIL_TRANSPORT_URL: 'ftp://mail',
      DIGEST_WINDOW_MS: 'soon',
    });
  expect(read).toThrow(ConfigurationInvalidError);
  for (const name of [
    'STORE_URL',
    'REGISTRY_ADDRESS',
    'PUBLIC_URL must begin with https',
    'MAIL_FROM',
    'MAIL_TRANSPORT_URL',
    'DIGEST_WINDOW_MS',
  ]) {
    expect(read).toThrow(name);
  }
});

test.each([
  ['http://localhost:3000', true],
  ['http://127.0.0.1:3000', true],
  ['http://localhost.evil.example', false],
  ['https://user:secret@app.example', false],
  ['https://app.example/?a=b', false],
])('the public URL %s is usable: %s', (url, usable) => {
  const read = () => readNotificationConfig({ ...least, PUBLIC_URL: url });
  if (usable) expect(read().publicUrl.href).toBe(`${url}/`);
  else expect(read).toThrow('PUBLIC_URL');
});

test('where mails go out their sender and the key of their links must be named', () => {
  for (const url of ['sendgrid:', 'smtp://mail.example', 'smtps://mail.example']) {
    const read = (more: Record<string, string> = {}) =>
      readNotificationConfig({ ...least, MAIL_TRANSPORT_URL: url, ...more });
    expect(read).toThrow('MAIL_FROM must be set');
    expect(read).toThrow('UNSUBSCRIBE_KEY_FILE must be set');
    // What else SendGrid wants is the matter of `transports/transport-settings.test.ts`.
    if (url === 'sendgrid:') continue;
    const named = { MAIL_FROM: 'A <a@b.example>', UNSUBSCRIBE_KEY_FILE: '/keys/unsubscribe.key' };
    expect(read(named)).toMatchObject({
      mailFrom: { name: 'A', address: 'a@b.example' },
      unsubscribeKeyFile: '/keys/unsubscribe.key',
      mailReportWaitMs: 600_000,
    });
  }
});

test.each([
  ['DAILY_DIGEST_HOUR', '24'],
  ['MAIL_RATE_PER_SECOND', '0'],
  ['MAIL_CONCURRENCY', '0'],
  ['MAIL_TIMEOUT_MS', '10'],
  ['MAIL_REPLY_TIMEOUT_MS', '3600000'],
  ['MAIL_REPORT_WAIT_MS', 'soon'],
  ['NOTIFICATION_RETENTION_DAYS', '59'],
  ['BRANDING_FILE', '/no/such/file'],
])('%s=%s is told by name', (name, value) => {
  expect(() => readNotificationConfig({ ...least, [name]: value })).toThrow(name);
});
