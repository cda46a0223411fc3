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
