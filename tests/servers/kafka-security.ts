import { randomBytes } from 'node:crypto';
import { createAuthority } from '@credential-renewal/runtime/testing';

export type ScramMechanism = 'scram-sha-256' | 'scram-sha-512';
export type SaslMechanism = 'plain' | ScramMechanism;
export type KafkaUser = { username: string; password: string };

/** What a client needs to be let in. */
export type KafkaLogins = {
  /** Each mechanism has a user of its own, who is a stranger to the others. */
  users: Record<SaslMechanism, KafkaUser>;
  /** The authority of the servers' certificates, PEM; without TLS undefined. */
  ca: string | undefined;
};

/** How the listener of a node's clients is guarded. */
export type ListenerSecurity = {
  protocol: 'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** `directory` holds the files. */
  settings(directory: string): Record<string, string>;
  files: Record<string, string>;
};

const keystore = 'server.pem';

/** PLAIN users stand in the settings; SCRAM users are added to the running cluster (`kafka-wire.ts`). */
export function createKafkaSecurity(kind: 'sasl' | 'sasl-tls' | undefined): {
  listener: ListenerSecurity;
  logins: KafkaLogins | undefined;
} {
  if (kind === undefined) {
    const listener = { protocol: 'PLAINTEXT', settings: () => ({}), files: {} } as const;
    return { listener, logins: undefined };
  }
  const users: KafkaLogins['users'] = {
    plain: newUser('plain'),
    'scram-sha-256': newUser('scram-256'),
    'scram-sha-512': newUser('scram-512'),
  };
  const logIn = saslSettings(users.plain);
  if (kind === 'sasl') {
    return {
      listener: { protocol: 'SASL_PLAINTEXT', settings: () => logIn, files: {} },
      logins: { users, ca: undefined },
    };
  }
  const authority = createAuthority('Authority of a test run');
  const { certificate, key } = authority.issue();
  return {
    listener: {
      protocol: 'SASL_SSL',
      settings: (directory) => ({
        ...logIn,
        'listener.name.clients.ssl.keystore.type': 'PEM',
        'listener.name.clients.ssl.keystore.location': `${directory}/${keystore}`,
      }),
      files: { [keystore]: `${key}${certificate}` },
    },
    logins: { users, ca: authority.certificate },
  };
}

/** One password for each start, so that none stands in the sources. */
const newUser = (username: string): KafkaUser => ({
  username,
  password: randomBytes(12).toString('hex'),
});

function saslSettings({ username, password }: KafkaUser): Record<string, string> {
  const modules = 'org.apache.kafka.common.security';
  const scram = `${modules}.scram.ScramLoginModule required;`;
  return {
    'listener.name.clients.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.clients.plain.sasl.jaas.config': `${modules}.plain.PlainLoginModule required user_${username}="${password}";`,
    'listener.name.clients.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.clients.scram-sha-512.sasl.jaas.config': scram,
  };
}
