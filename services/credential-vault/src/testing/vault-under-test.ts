import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type CloudEvent, type EventLog, openEmbeddedEventLog } from '@credential-renewal/events';
import {
  type CommitCandidateRequest,
  CredentialVaultServiceService,
  Failure_Kind,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { VaultHoldsServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import { VaultKeysServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import { createRpcClient, durationFromMs, type RpcClient } from '@credential-renewal/rpc';
import {
  createLogger,
  createShiftableClock,
  type ReadinessAnswer,
  type ShiftableClock,
} from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import type { CredentialVaultConfig } from '../config.ts';
import { startCredentialVault } from '../start.ts';
import { sampleOutageSettings } from './sample.ts';

export type VaultUnderTest = {
  address: string;
  vault: RpcClient<typeof CredentialVaultServiceService>;
  keys: RpcClient<typeof VaultKeysServiceService>;
  holds: RpcClient<typeof VaultHoldsServiceService>;
  clock: ShiftableClock;
  eventLog: EventLog;
  published: CloudEvent[];
  /** Everything logged so far. */
  log(): string;
  /** The value of a metric's sample, by its labels. */
  metric(name: string, labels?: Record<string, string>): Promise<number | undefined>;
  /** A first authorization of its own identity; resolves with the credential's id. */
  authorize(name: string, overrides?: { accountId?: string }): Promise<string>;
  /** One attempt, as a broker makes it: lease, and the provider's answer. */
  attempt(credentialId: string, answer: Answer): Promise<void>;
  readiness(check: string): Promise<ReadinessAnswer>;
  stop(): Promise<void>;
};

/** Of the provider, to a refresh, or to the identity call where the vault gives no refresh token. */
export type Answer = 'works' | 'refused' | 'client_refused' | 'unreachable';

export const samplePolicyMessage = {
  providerId: 'orchard',
  providerName: 'Orchard Drive',
  clientId: 'our-client',
  rotates: true,
  rotationGrace: durationFromMs(60_000),
  identityCheckInterval: durationFromMs(900_000),
};

export const sampleTokenSet = (name: string) => ({
  accessToken: `planted-access-${name}`,
  refreshToken: `planted-refresh-${name}`,
  expiresIn: durationFromMs(3_600_000),
  refreshExpiresIn: undefined,
  refreshLifeAbsolute: false,
  kept: {},
  scopes: ['files.read'],
});

/** A vault with a real event log and gRPC over a unix socket below `directory`; start it again there for what survives. */
export async function startVault(options: {
  directory: string;
  /** Beside another replica: its own socket and event log. */
  replica?: string;
  clock?: ShiftableClock;
  config?: Partial<CredentialVaultConfig>;
}): Promise<VaultUnderTest> {
  const { directory, replica = 'vault', clock = createShiftableClock() } = options;
  let log = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const logger = createLogger({ service: 'credential-vault', level: 'debug', destination });
  const metrics = new Registry();
  const published: CloudEvent[] = [];
  const events = join(directory, `${replica}-events`);
  const eventLog = await openEmbeddedEventLog({ directory: events, clock, logger });
  await eventLog.tail({
    topics: ['credential.state', 'credential.expired', 'credential.renewed'],
    from: 'start',
    handle: ({ event }) => void published.push(event),
  });
  const config: CredentialVaultConfig = {
    listenAddress: `unix:${join(directory, replica)}.sock`,
    store: { engine: 'sqlite', path: join(directory, 'vault.db') },
    keys: {
      keyEncryptionKey: { kind: 'file', path: join(directory, 'vault.key') },
      previousKeyEncryptionKey: undefined,
    },
    confirmRefusalAfterMs: 60_000,
    maxRetryDelayMs: 300_000,
    verdicts: 'on',
    outage: sampleOutageSettings,
    ...options.config,
  };
  const running = await startCredentialVault(config, { clock, logger, eventLog, metrics }).catch(
    async (error: unknown) => {
      await eventLog.close();
      throw error;
    },
  );
  const vault = createRpcClient(CredentialVaultServiceService, running.address, {
    deadlineMs: 10_000,
  });
  const keys = createRpcClient(VaultKeysServiceService, running.address, { deadlineMs: 10_000 });
  const holds = createRpcClient(VaultHoldsServiceService, running.address, { deadlineMs: 10_000 });

  return {
    ...{ address: running.address, vault, keys, holds, clock, eventLog, published },
    log: () => log,
    async metric(name, labels = {}) {
      const metric = await metrics.getSingleMetric(name)?.get();
      const sample = metric?.values.find((value) =>
        Object.entries(labels).every(([label, text]) => value.labels[label] === text),
      );
      return sample?.value;
    },
    async authorize(name, { accountId = 'acme' } = {}) {
      const candidate = { accountId, credentialId: undefined, tokens: sampleTokenSet(name) };
      await vault.storeCandidate({ transactionId: name, ...candidate });
      const { outcome } = await vault.commitCandidate(sampleCommit(name));
      if (outcome?.$case !== 'installed') throw new Error(outcome?.$case);
      return outcome.value.state?.credentialId ?? '';
    },
    attempt: (credentialId, answer) => attempt(vault, credentialId, answer),
    readiness: async (check) => running.readiness[check]?.(),
    async stop() {
      vault.close();
      keys.close();
      holds.close();
      await running.stop();
      await eventLog.close();
    },
  };
}

let answers = 0;

async function attempt(
  vault: RpcClient<typeof CredentialVaultServiceService>,
  credentialId: string,
  answer: Answer,
): Promise<void> {
  const lease = {
    ...{ credentialId, owner: 'broker-1', leaseTtl: durationFromMs(25_000) },
    minimumRemainingLife: durationFromMs(60_000),
  };
  const scheduled = await vault.acquireLease({ ...lease, purpose: Purpose.SCHEDULED });
  const { outcome } =
    scheduled.outcome?.$case === 'granted'
      ? scheduled
      : await vault.acquireLease({ ...lease, purpose: Purpose.ON_DEMAND });
  if (outcome?.$case !== 'granted') throw new Error(`${credentialId}: ${outcome?.$case}`);
  const { fence, sentTokenHash, refreshToken } = outcome.value;
  const good =
    refreshToken === undefined
      ? ({ $case: 'identityConfirmed', value: {} } as const)
      : ({ $case: 'tokens', value: sampleTokenSet(`answer-${++answers}`) } as const);
  await vault.completeAttempt({
    ...{ credentialId, owner: 'broker-1', fence, sentTokenHash, policy: samplePolicyMessage },
    outcome: answer === 'works' ? good : { $case: 'failure', value: failures[answer] },
  });
}

const noDetails = { description: '', retryAfter: undefined, answerLost: false, reasonCode: '' };
const failures = {
  refused: {
    ...{ ...noDetails, kind: Failure_Kind.GRANT_REFUSED },
    ...{ error: 'invalid_grant', httpStatus: 400 },
  },
  unreachable: {
    ...{ ...noDetails, kind: Failure_Kind.TRANSIENT },
    ...{ error: 'connection_lost', httpStatus: 0 },
  },
  client_refused: {
    ...{ ...noDetails, kind: Failure_Kind.CLIENT_REFUSED },
    ...{ error: 'invalid_client', httpStatus: 401 },
  },
};

export function sampleCommit(
  transactionId: string,
  overrides: Partial<CommitCandidateRequest> = {},
): CommitCandidateRequest {
  return {
    transactionId,
    identity: { kind: 'user', key: transactionId, maskedLabel: 'a•••@orchard.example' },
    requiredScopes: ['files.read'],
    grantedScopes: ['files.read'],
    missingScopes: [],
    switchIdentity: false,
    actor: undefined,
    policy: samplePolicyMessage,
    ...overrides,
  };
}
