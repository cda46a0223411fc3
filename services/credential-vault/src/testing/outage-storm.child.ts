import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedEventLog } from '@credential-renewal/events';
import { Failure_Kind } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { createShiftableClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { attemptTokenHash, type Credential } from '../credential.ts';
import { openVault } from '../open-vault.ts';
import { completeAttempt } from '../rpc/complete-attempt.ts';
import { hourMs, sampleCredential, sampleOutageSettings, sampleTokens } from './sample.ts';
import { silent } from './sample-keyring.ts';
import { samplePolicyMessage } from './vault-under-test.ts';

/**
 * So many credentials as the argument says, ten of each account, die at one provider within a minute, and an hour later their verdicts count. Run with a
 * small heap and `--expose-gc`; prints what came of it as JSON.
 */
const count = Number(process.argv[2]);
const accounts = count / 10;
const atATime = 100;

const directory = mkdtempSync(join(tmpdir(), 'outage-storm-'));
const clock = createShiftableClock();
const expired = new Uint8Array(count);
const eventLog = await openEmbeddedEventLog({ directory, clock, logger: silent });
await eventLog.tail({
  topics: ['credential.expired'],
  from: 'start',
  handle: ({ event }) => {
    const index = Number(event.subject.slice('credential-'.length));
    expired[index] = (expired[index] ?? 0) + 1;
  },
});
const { vault, close } = await openVault(
  {
    listenAddress: '',
    store: { engine: 'sqlite', path: join(directory, 'vault.db') },
    keys: {
      keyEncryptionKey: { kind: 'file', path: join(directory, 'vault.key') },
      previousKeyEncryptionKey: undefined,
    },
    ...{ confirmRefusalAfterMs: 60_000, maxRetryDelayMs: 300_000 },
    ...{ verdicts: 'on', outage: sampleOutageSettings },
  },
  { clock, logger: silent, metrics: new Registry(), eventLog },
);

const credentialOf = (index: number): Credential =>
  sampleCredential({
    id: `credential-${index}`,
    joinKey: `credential-${index}`,
    accountId: `account-${index % accounts}`,
    tokens: sampleTokens('any', clock.nowMs()),
    // Nothing else is to happen to them meanwhile.
    ...{ nextAttemptAtMs: undefined, createdAtMs: clock.nowMs(), lastRefreshedAtMs: 0 },
  });

async function forAll(work: (index: number) => Promise<unknown>): Promise<void> {
  const indexes = Array(count).keys();
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      for (const index of indexes) await work(index);
    }),
  );
}

function heapMb(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
}

const total = () => expired.reduce((sum, times) => sum + times, 0);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 100));
}

await forAll((index) => vault.store.insert(credentialOf(index), []));
const heapBeforeMb = heapMb();
const complete = completeAttempt(vault);
const failure = {
  ...{ kind: Failure_Kind.GRANT_REFUSED, error: 'invalid_grant', description: 'revoked' },
  ...{ httpStatus: 400, retryAfter: undefined, answerLost: false, reasonCode: '' },
};
const { signal } = new AbortController();
const sentTokenHash = attemptTokenHash(credentialOf(0));
const startedMs = performance.now();
await forAll((index) =>
  complete(
    {
      ...{ credentialId: `credential-${index}`, owner: 'broker', fence: 0n, sentTokenHash },
      policy: samplePolicyMessage,
      outcome: { $case: 'failure', value: failure },
    },
    { signal },
  ),
);
const diedInMs = Math.round(performance.now() - startedMs);
const heapHeldMb = heapMb();
const client = { providerId: 'orchard', clientId: 'our-client' };
const held = (await vault.store.listHeld(client, count)).length;
const expiredDuringHold = count - held;

clock.advance(hourMs);
await until(() => total() >= count);
const heapAfterMb = heapMb();
await close();
await eventLog.close();
rmSync(directory, { recursive: true });
const outcome = {
  ...{ held, expiredDuringHold, diedInMs, heapBeforeMb, heapHeldMb, heapAfterMb },
  expiredEvents: total(),
  expiredMoreThanOnce: expired.filter((times) => times > 1).length,
  neverExpired: expired.filter((times) => times === 0).length,
};
process.stdout.write(`${JSON.stringify(outcome)}\n`);
