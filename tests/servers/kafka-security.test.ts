import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from './certificates.ts';
import type { SaslMechanism } from './kafka-security.ts';
import { type KafkaServer, startKafka } from './kafka-server.ts';
import { canStart } from './own-servers.ts';

const mechanisms: SaslMechanism[] = ['plain', 'scram-sha-256', 'scram-sha-512'];

async function clusterSeenBy(
  { brokers }: KafkaServer,
  sasl: SASLOptions | undefined,
  ssl?: { ca: string } | boolean,
): Promise<number> {
  const kafka = new Kafka({
    ...{ brokers, sasl, ssl, logLevel: logLevel.NOTHING },
    ...{
      connectionTimeout: 5_000,
      authenticationTimeout: 5_000,
      requestTimeout: 5_000,
      retry: { retries: 0 },
    },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length;
  } finally {
    await admin.disconnect();
  }
}

function loginOf(
  { logins }: KafkaServer,
  mechanism: SaslMechanism,
  password?: string,
): SASLOptions {
  const user = logins?.users[mechanism];
  if (!user) throw new Error('this server has no logins');
  return { mechanism, username: user.username, password: password ?? user.password } as SASLOptions;
}

describe.skipIf(!canStart.kafka).each(['sasl', 'sasl-tls'] as const)(
  'a Kafka with %s',
  (security) => {
    let server: KafkaServer;
    let tls: { ca: string } | undefined;

    beforeAll(async () => {
      server = await startKafka({ security });
      tls = server.logins?.ca === undefined ? undefined : { ca: server.logins.ca };
    });
    afterAll(() => server?.stop());

    test.each(mechanisms)('lets its user in with %s', async (mechanism) => {
      expect(await clusterSeenBy(server, loginOf(server, mechanism), tls)).toBe(1);
    });

    test.each(mechanisms)('refuses a wrong password with %s', async (mechanism) => {
      await expect(clusterSeenBy(server, loginOf(server, mechanism, 'wrong'), tls)).rejects.toThrow(
        /authentication failed|Authentication failed|Invalid username or password|invalid credentials/,
      );
    });

    test("refuses another mechanism's user", async () => {
      const { username, password } = { ...server.logins?.users.plain } as {
        username: string;
        password: string;
      };
      const login: SASLOptions = { mechanism: 'scram-sha-256', username, password };
      await expect(clusterSeenBy(server, login, tls)).rejects.toThrow();
    });

    test('refuses whoever does not log in', async () => {
      await expect(clusterSeenBy(server, undefined, tls)).rejects.toThrow();
    });

    if (security === 'sasl') return;
    test('is trusted by those who know its authority only', async () => {
      const login = loginOf(server, 'plain');
      const { certificate: ca } = createAuthority('Somebody else');
      await expect(clusterSeenBy(server, login, { ca })).rejects.toThrow(/certificate/);
      await expect(clusterSeenBy(server, login, true)).rejects.toThrow(/certificate/);
      await expect(clusterSeenBy(server, login)).rejects.toThrow();
    });
  },
);
