import type { MongoSettings } from '../store-settings.ts';

/**
 * How the driver is to behave, all of it said rather than left to defaults that change between releases. A caller of a service
 * waits five seconds at most, so nothing here may take longer by itself; what is worth repeating is repeated by `conditional-writes.ts`.
 */
export function mongoOptions(settings: MongoSettings, service: string) {
  const { username, password, caFile, poolSize } = settings;
  return {
    appName: service,
    ...(username === undefined ? {} : { auth: { username, password } }),
    ...(caFile === undefined ? {} : { tls: true, tlsCAFile: caFile }),

    maxPoolSize: poolSize,
    // Warm, so that the first calls after a quiet time do not wait for handshakes.
    minPoolSize: Math.min(2, poolSize),
    maxConnecting: 4,
    maxIdleTimeMS: 60_000,
    waitQueueTimeoutMS: 3_000,

    connectTimeoutMS: 3_000,
    serverSelectionTimeoutMS: 3_000,
    // A server that hangs looks like one that is slow: after this its sockets are given up.
    socketTimeoutMS: 5_000,
    // How soon a lost or new primary is noticed.
    heartbeatFrequencyMS: 2_000,

    // The driver repeats a write once where the server can tell that it is the same one (sessions); elsewhere this has no effect.
    retryWrites: true,
    retryReads: true,
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },

    // An absent value is absent, not null.
    ignoreUndefined: true,
    // Indexes and collections are made by the migration command, never by a running service.
    autoIndex: false,
    autoCreate: false,
    // Without a connection an operation fails; it is not kept for later without an end.
    bufferCommands: false,
  } as const;
}
