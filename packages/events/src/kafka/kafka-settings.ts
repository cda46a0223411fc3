import type { Settings } from '@credential-renewal/runtime';

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

export type KafkaSettings = {
  engine: 'kafka';
  /** `host:port` each. */
  brokers: string[];
  /** Undefined: not encrypted. What is undefined within is Node's own: its trusted authorities, no certificate of ours. PEM. */
  tls: { ca?: string; certificate?: string; key?: string } | undefined;
  sasl: { mechanism: SaslMechanism; username: string; password: string } | undefined;
  /** How long a broker may take to answer. */
  requestTimeoutMs: number;
  /** How long a connection may take to stand. */
  connectTimeoutMs: number;
  /** A member of a group that is silent for longer has lost its partitions to the others. */
  sessionTimeoutMs: number;
};

/**
 * Reads the brokers of `EVENT_LOG_URL` (`kafka:host:port,host:port`), `KAFKA_TLS`, `KAFKA_CA_FILE`, `KAFKA_CERTIFICATE_FILE` and `KAFKA_KEY_FILE`,
 * `KAFKA_SASL_MECHANISM`, `KAFKA_USERNAME` and `KAFKA_PASSWORD_FILE`, `KAFKA_REQUEST_TIMEOUT_MS`, `KAFKA_CONNECT_TIMEOUT_MS`, `KAFKA_SESSION_TIMEOUT_MS`.
 */
export function readKafkaSettings(settings: Settings, url: string): KafkaSettings {
  const brokers = readBrokers(settings, url);
  const tls = readTls(settings);
  const sasl = readSasl(settings);
  if (sasl?.mechanism === 'plain' && !tls && !brokers.every(isLoopback)) {
    settings.problem(
      'KAFKA_SASL_MECHANISM plain sends the password as it is: set KAFKA_TLS to true, or use scram-sha-512',
    );
  }
  return {
    engine: 'kafka',
    brokers,
    tls,
    sasl,
    // Brokers answer in milliseconds. One that is being restarted, or elects a leader, needs a few seconds.
    requestTimeoutMs: settings.integer('KAFKA_REQUEST_TIMEOUT_MS', 10_000, {
      min: 1000,
      max: 120_000,
    }),
    connectTimeoutMs: settings.integer('KAFKA_CONNECT_TIMEOUT_MS', 3000, {
      min: 100,
      max: 60_000,
    }),
    // The range of Kafka's defaults for group.min.session.timeout.ms and group.max.session.timeout.ms. Short, since the partitions of a
    // process that was killed wait for it; longer than any pause of a healthy one.
    sessionTimeoutMs: settings.integer('KAFKA_SESSION_TIMEOUT_MS', 15_000, {
      min: 6000,
      max: 1_800_000,
    }),
  };
}

function readBrokers(settings: Settings, url: string): string[] {
  const brokers = url.replace(/^kafka:(\/\/)?/, '').split(',');
  // kafkajs splits host and port at the first colon, so an IPv6 address needs a name here.
  if (!brokers.every((broker) => /^[A-Za-z0-9._-]+:\d{1,5}$/.test(broker))) {
    settings.problem(
      'EVENT_LOG_URL must list its brokers by name or IPv4 address: kafka:host:9092,host:9092',
    );
  }
  return brokers;
}

function isLoopback(broker: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+):/.test(broker);
}

function readTls(settings: Settings): KafkaSettings['tls'] {
  const files = {
    ca: settings.secretFile('KAFKA_CA_FILE'),
    certificate: settings.secretFile('KAFKA_CERTIFICATE_FILE'),
    key: settings.secretFile('KAFKA_KEY_FILE'),
  };
  const isAsked = settings.flag('KAFKA_TLS', false);
  const names = ['KAFKA_CA_FILE', 'KAFKA_CERTIFICATE_FILE', 'KAFKA_KEY_FILE'];
  const given = names.filter((name) => settings.optionalText(name) !== undefined);
  if (!isAsked && given.length > 0) {
    settings.problem(`${given.join(', ')}: of use only with KAFKA_TLS=true`);
  }
  if (given.includes('KAFKA_CERTIFICATE_FILE') !== given.includes('KAFKA_KEY_FILE')) {
    settings.problem('KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE must be set together');
  }
  return isAsked ? files : undefined;
}

function readSasl(settings: Settings): KafkaSettings['sasl'] {
  const mechanism = settings.oneOf(
    'KAFKA_SASL_MECHANISM',
    ['none', 'plain', 'scram-sha-256', 'scram-sha-512'],
    'none',
  );
  const username = settings.optionalText('KAFKA_USERNAME');
  const password = settings.secretFile('KAFKA_PASSWORD_FILE');
  const isPasswordNamed = settings.optionalText('KAFKA_PASSWORD_FILE') !== undefined;
  if (mechanism === 'none') {
    if (username !== undefined || isPasswordNamed) {
      settings.problem('KAFKA_USERNAME and KAFKA_PASSWORD_FILE need a KAFKA_SASL_MECHANISM');
    }
    return undefined;
  }
  if (username === undefined || !isPasswordNamed) {
    settings.problem('KAFKA_SASL_MECHANISM needs KAFKA_USERNAME and KAFKA_PASSWORD_FILE');
  }
  return { mechanism, username: username ?? '', password: password ?? '' };
}
