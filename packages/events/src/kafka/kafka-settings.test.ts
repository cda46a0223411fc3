import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '@credential-renewal/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEventLogSettings } from '../event-log-settings.ts';

let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kafka-settings-'));
  for (const name of ['ca', 'certificate', 'key', 'password'])
    writeFileSync(file(name), `the ${name}\n`);
});
afterAll(() => rmSync(directory, { recursive: true }));

const read = (env: Record<string, string> = {}) =>
  readSettings({ EVENT_LOG_URL: 'kafka:one.example:9092,two.example:9093', ...env }, (settings) =>
    readEventLogSettings(settings),
  );

test('brokers alone are enough, and every time-out has a value', () => {
  expect(read()).toEqual({
    engine: 'kafka',
    brokers: ['one.example:9092', 'two.example:9093'],
    tls: undefined,
    sasl: undefined,
    requestTimeoutMs: 10_000,
    connectTimeoutMs: 3000,
    sessionTimeoutMs: 15_000,
  });
  expect(read({ EVENT_LOG_URL: 'kafka://one.example:9092' })).toMatchObject({
    brokers: ['one.example:9092'],
  });
});

test('TLS, a certificate of ours and credentials come from files', () => {
  expect(
    read({
      KAFKA_TLS: 'true',
      KAFKA_CA_FILE: file('ca'),
      KAFKA_CERTIFICATE_FILE: file('certificate'),
      KAFKA_KEY_FILE: file('key'),
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_USERNAME: 'vault',
      KAFKA_PASSWORD_FILE: file('password'),
    }),
  ).toMatchObject({
    tls: { ca: 'the ca', certificate: 'the certificate', key: 'the key' },
    sasl: { mechanism: 'scram-sha-512', username: 'vault', password: 'the password' },
  });
});

const plain = () => ({
  KAFKA_SASL_MECHANISM: 'plain',
  KAFKA_USERNAME: 'vault',
  KAFKA_PASSWORD_FILE: file('password'),
});

test('a password in the clear is for loopback and TLS only', () => {
  expect(() => read(plain())).toThrow(
    /KAFKA_SASL_MECHANISM plain sends the password as it is: set KAFKA_TLS to true/,
  );
  expect(() =>
    read({ ...plain(), EVENT_LOG_URL: 'kafka:127.0.0.1:9092,one.example:9092' }),
  ).toThrow(/as it is/);
  expect(read({ ...plain(), KAFKA_TLS: 'true' })).toMatchObject({ sasl: { mechanism: 'plain' } });
  for (const host of ['localhost', '127.0.0.1'])
    expect(read({ ...plain(), EVENT_LOG_URL: `kafka:${host}:9092` })).toMatchObject({
      sasl: { mechanism: 'plain' },
    });
});

test.each([
  [{ EVENT_LOG_URL: 'kafka:one.example' }, /EVENT_LOG_URL must list its brokers/],
  [{ EVENT_LOG_URL: 'kafka:[::1]:9092' }, /EVENT_LOG_URL must list its brokers by name or IPv4/],
  [
    { EVENT_LOG_URL: 'amqp:one.example' },
    /EVENT_LOG_URL must be a URL that begins with embedded: or kafka:/,
  ],
  [{ KAFKA_CA_FILE: '/nowhere' }, /KAFKA_CA_FILE names a file that cannot be read \(ENOENT\)/],
  [{ KAFKA_CA_FILE: '/nowhere' }, /KAFKA_CA_FILE: of use only with KAFKA_TLS=true/],
  [
    { KAFKA_TLS: 'true', KAFKA_KEY_FILE: '/nowhere' },
    /KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE must be set together/,
  ],
  [{ KAFKA_SASL_MECHANISM: 'gssapi' }, /KAFKA_SASL_MECHANISM must be one of none, plain/],
  [{ KAFKA_SASL_MECHANISM: 'plain' }, /needs KAFKA_USERNAME and KAFKA_PASSWORD_FILE/],
  [{ KAFKA_USERNAME: 'vault' }, /need a KAFKA_SASL_MECHANISM/],
  [
    { KAFKA_SESSION_TIMEOUT_MS: '5000' },
    /KAFKA_SESSION_TIMEOUT_MS must be a whole number from 6000/,
  ],
])('%o is refused by name', (env, problem) => {
  expect(() => read(env as Record<string, string>)).toThrow(problem);
});
