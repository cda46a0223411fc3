import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@credential-renewal/runtime/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SaslMechanism } from '../servers/kafka-security.ts';
import type { KafkaServer } from '../servers/kafka-server.ts';
import { canStart } from '../servers/own-servers.ts';
import { makeEvent } from './kafka-load.ts';
import { createKafkaWorld, type KafkaWorld, kafkaEnv, openLog } from './kafka-world.ts';

let directory: string;
let world: KafkaWorld;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kafka-access-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** What a service is told, to log in as the user of `mechanism`. */
function logIn({ logins }: KafkaServer, mechanism: SaslMechanism, password?: string) {
  const user = logins?.users[mechanism] ?? { username: '', password: '' };
  return {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_USERNAME: user.username,
    KAFKA_PASSWORD_FILE: file('password', `${password ?? user.password}\n`),
    ...(logins?.ca === undefined
      ? {}
      : { KAFKA_TLS: 'true', KAFKA_CA_FILE: file('ca.pem', logins.ca) }),
  };
}

async function publishAndRead(env: Record<string, string>, key: string): Promise<void> {
  const log = await openLog(env);
  const seen: string[] = [];
  await log.subscribe({
    group: 'notification',
    topics: ['credential.state'],
    handle: async ({ event }) => void seen.push(event.subject),
  });
  await log.publish([makeEvent(key, 1)]);
  await vi.waitFor(() => expect(seen).toContain(key), { timeout: 30_000 });
  await log.close();
}

const refused = {
  code: 'EVENT_LOG_CREDENTIALS_REFUSED',
  message: expect.stringMatching(/KAFKA_USERNAME, KAFKA_PASSWORD_FILE and KAFKA_SASL_MECHANISM/),
};

describe.skipIf(!canStart.kafka).each(['sasl', 'sasl-tls'] as const)(
  'brokers with %s',
  { timeout: 60_000 },
  (security) => {
    beforeAll(async () => {
      world = await createKafkaWorld({ security }, (kafka) => logIn(kafka, 'plain'));
    }, 180_000);
    afterAll(() => world?.kafka.stop());

    test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
      'take events from, and give them to, who logs in with %s',
      async (mechanism) => {
        await publishAndRead(kafkaEnv(world.kafka, logIn(world.kafka, mechanism)), mechanism);
      },
    );

    test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
      'are not tried again with a wrong password for %s: the start fails and names the settings, never the password',
      async (mechanism) => {
        const env = kafkaEnv(world.kafka, logIn(world.kafka, mechanism, 'not-the-one'));
        await expect(openLog(env)).rejects.toMatchObject(refused);
        await expect(openLog(env)).rejects.not.toThrow(/not-the-one/);
      },
    );

    test('refuse a mechanism they do not know the user by', async () => {
      const env = { ...logIn(world.kafka, 'plain'), KAFKA_SASL_MECHANISM: 'scram-sha-512' };
      await expect(openLog(kafkaEnv(world.kafka, env))).rejects.toMatchObject(refused);
    });

    test.runIf(security === 'sasl-tls')(
      'are not trusted under another authority: the start fails and names the file',
      async () => {
        const { certificate } = createAuthority('Somebody else');
        const env = {
          ...logIn(world.kafka, 'plain'),
          KAFKA_CA_FILE: file('other.pem', certificate),
        };
        await expect(openLog(kafkaEnv(world.kafka, env))).rejects.toMatchObject({
          code: 'EVENT_LOG_CERTIFICATE_REFUSED',
          message: expect.stringContaining('KAFKA_CA_FILE'),
        });
      },
    );
  },
);

describe.skipIf(!canStart.kafka)('brokers that want a certificate too', { timeout: 60_000 }, () => {
  const authority = createAuthority('Authority of our clients');
  beforeAll(async () => {
    world = await createKafkaWorld(
      {
        security: 'sasl-tls',
        settings: {
          'listener.name.clients.ssl.client.auth': 'required',
          'listener.name.clients.ssl.truststore.type': 'PEM',
          // A line of a properties file.
          'listener.name.clients.ssl.truststore.certificates': authority.certificate.replaceAll(
            '\n',
            '\\n',
          ),
        },
      },
      withCertificate,
    );
  }, 180_000);
  afterAll(() => world?.kafka.stop());

  function withCertificate(kafka: KafkaServer): Record<string, string> {
    const { certificate, key } = authority.issue();
    return {
      ...logIn(kafka, 'scram-sha-512'),
      KAFKA_CERTIFICATE_FILE: file('client.pem', certificate),
      KAFKA_KEY_FILE: file('client.key', key),
    };
  }

  test('take events from who has one', async () => {
    await publishAndRead(world.env, 'with-certificate');
  });

  test('refuse who has none: the start fails and names the files', async () => {
    const env = kafkaEnv(world.kafka, logIn(world.kafka, 'scram-sha-512'));
    await expect(openLog(env)).rejects.toMatchObject({
      code: 'EVENT_LOG_CERTIFICATE_REFUSED',
      message: expect.stringContaining('KAFKA_CERTIFICATE_FILE'),
    });
  });
});
