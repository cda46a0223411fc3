const dayMs = 24 * 60 * 60 * 1000;

/** What a consumer may rely on of a topic. How an engine brings it about is the engine's matter. */
export type TopicFacts = {
  /** Also the type of its events. */
  name: string;
  /** What it is for, in one sentence. */
  summary: string;
  /** The message in `events/v1` that its events carry. */
  message: string;
  /** The CloudEvents source of its events: the service that publishes them. */
  source: string;
  /** JSON names of the field whose value is the key; the first one that is there. */
  keyFields: readonly string[];
  /** Another number would send the events of a key to another partition, out of order with those before. */
  partitions: number;
  cleanup: Compacted | Aged;
};

/** The newest record of each key stays for ever; older ones and tombstones for at least this long. */
export type Compacted = {
  policy: 'compact';
  compactionLagMs: number;
  tombstoneRetentionMs: number;
};

export type Aged = { policy: 'delete'; retentionMs: number };

const partitions = 8;
const compacted: Compacted = {
  policy: 'compact',
  compactionLagMs: 7 * dayMs,
  tombstoneRetentionMs: 7 * dayMs,
};
const aged: Aged = { policy: 'delete', retentionMs: 30 * dayMs };
const ofCredential = { source: '/credential-vault', keyFields: ['credentialId'], partitions };

/** The topics of the house. `tests/contract/topics.test.ts` holds the engines to what stands here. */
export const topics: readonly TopicFacts[] = [
  {
    name: 'credential.state',
    summary: 'The whole truth of one credential, versioned.',
    message: 'CredentialState',
    ...ofCredential,
    cleanup: compacted,
  },
  {
    name: 'credential.expiring',
    summary: 'A credential ends in 7 days, or in one, and only a person can prevent it.',
    message: 'CredentialExpiring',
    ...ofCredential,
    cleanup: aged,
  },
  {
    name: 'credential.expired',
    summary: 'A credential is dead: an expiry episode began.',
    message: 'CredentialExpired',
    ...ofCredential,
    cleanup: aged,
  },
  {
    name: 'credential.renewed',
    summary: 'An expiry episode ended, or a living credential was renewed.',
    message: 'CredentialRenewed',
    ...ofCredential,
    cleanup: aged,
  },
  {
    name: 'source.credential-state',
    summary: 'How one source or authorized connection stands, versioned.',
    message: 'SourceCredentialState',
    source: '/source-registry',
    keyFields: ['sourceId', 'authorizedConnectionId'],
    partitions,
    cleanup: compacted,
  },
  {
    name: 'source.drill',
    summary: 'An administrator rehearses an expiry: nothing has expired.',
    message: 'SourceDrill',
    source: '/source-registry',
    keyFields: ['sourceId', 'authorizedConnectionId'],
    partitions,
    cleanup: aged,
  },
];
