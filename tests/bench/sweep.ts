import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CredentialVaultServiceService,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { createRpcClient, durationFromMs, type RpcClient } from '@credential-renewal/rpc';
import { spawnNode } from '../system/spawned-process.ts';
import type { Measured } from './figure.ts';
import { median } from './statistics.ts';

const due = 10_000;
const stored = [100_000, 1_000_000] as const;
const rounds = 5;
const atATime = 16;

type Vault = RpcClient<typeof CredentialVaultServiceService>;

/**
 * What a sweep costs the vault: the list of what is due, a lease and the outcome for each of 10,000 due credentials, without a provider.
 * Once with 100,000 stored and once with a million, in turn, on SQLite; what is due lies scattered among the others.
 */
export async function measureSweep(): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'cr-bench-sweep-'));
  try {
    const base = join(directory, 'base');
    await withVault(base, authorizeAll);
    const files = stored.map((count) => ({ count, file: join(directory, String(count)) }));
    for (const { count, file } of files) {
      progress(`storing ${count} credentials`);
      cpSync(base, file, { recursive: true });
      multiply(file, count / due);
    }
    const times = new Map<number, number[]>(stored.map((count) => [count, []]));
    for (let round = 1; round <= rounds; round++) {
      for (const { count, file } of files) {
        makeDue(file);
        const ms = await withVault(file, sweep);
        progress(`round ${round}: ${ms} ms with ${count} stored`);
        times.get(count)?.push(ms);
      }
    }
    return toMeasured(times);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function toMeasured(times: ReadonlyMap<number, readonly number[]>): Measured {
  const [few, many] = stored.map((count) => median(times.get(count) ?? []));
  const ratio = Math.round(((many ?? Number.NaN) / (few ?? Number.NaN)) * 1_000) / 1_000;
  return {
    lines: [
      ...[...times].map(
        ([count, runs]) =>
          `sweep of ${due} due with ${count} stored: ${median(runs)} ms, runs ${runs.join(', ')}`,
      ),
      `the second as a share of the first: ${ratio} (goal at most 1.15)`,
    ],
    figures: [{ name: 'sweep-1m-vs-100k', value: ratio, unit: 'x' }],
  };
}

async function withVault<T>(directory: string, work: (vault: Vault) => Promise<T>): Promise<T> {
  const socket = `unix:${join(directory, 'vault.sock')}`;
  const vault = spawnNode(['services/credential-vault/src/main.ts'], {
    ...process.env,
    LISTEN_ADDRESS: socket,
    STORE_URL: `sqlite:${join(directory, 'vault.db')}`,
    KEY_ENCRYPTION_KEY_URL: `file:${join(directory, 'vault.key')}`,
    EVENT_LOG_URL: `embedded:${join(directory, 'events')}`,
    INTERNAL_PORT: '0',
    LOG_LEVEL: 'error',
  });
  const client = createRpcClient(CredentialVaultServiceService, socket, { deadlineMs: 300_000 });
  try {
    // Waits for the vault, which looks through its whole file before it starts.
    await client.listDueCredentials({ limit: 1, excludedProviderIds: [] });
    return await work(client);
  } finally {
    client.close();
    await vault.end('SIGTERM');
  }
}

const policy = {
  ...{ providerId: 'orchard', providerName: 'Orchard Drive', clientId: 'our-client' },
  ...{ rotates: true, rotationGrace: undefined, identityCheckInterval: undefined },
};

const tokenSet = (name: string) => ({
  ...{ accessToken: `access-${name}`, refreshToken: `refresh-${name}`, scopes: ['files.read'] },
  ...{ expiresIn: durationFromMs(3_600_000), refreshExpiresIn: undefined },
  refreshLifeAbsolute: false,
  kept: {},
});

async function authorizeAll(vault: Vault): Promise<void> {
  progress(`authorizing ${due} credentials`);
  await eachOf(Array(due).keys(), async (index) => {
    const transactionId = `transaction-${index}`;
    const accountId = `account-${index % 500}`;
    const tokens = tokenSet(transactionId);
    await vault.storeCandidate({ transactionId, accountId, credentialId: undefined, tokens });
    await vault.commitCandidate({
      ...{ transactionId, policy, actor: undefined, switchIdentity: false },
      ...{ requiredScopes: ['files.read'], grantedScopes: ['files.read'], missingScopes: [] },
      identity: { kind: 'user', key: transactionId, maskedLabel: 'a•••' },
    });
  });
}

/** Beside each credential, as many less one that are not due for a month: between them in the order of ids. */
function multiply(directory: string, times: number): void {
  const database = openFile(directory);
  const columns = database
    .prepare("SELECT name FROM pragma_table_info('credential')")
    .all()
    .map(({ name }) => String(name));
  const changed: Record<string, string> = {
    id: 'substr(id, 1, 19) || lower(hex(randomblob(8)))',
    join_key: 'lower(hex(randomblob(16)))',
    due_at: 'due_at + 30 * 86400000 + abs(random() % 86400000)',
  };
  const selected = columns.map((name) => changed[name] ?? name).join(', ');
  database.exec('CREATE TEMP TABLE authorized AS SELECT * FROM credential');
  for (let copy = 1; copy < times; copy++) {
    database.exec(
      `INSERT INTO credential (${columns.join(', ')}) SELECT ${selected} FROM authorized`,
    );
    if (copy % 20 === 0) progress(`  ${copy * due} stored`);
  }
  database.close();
}

/** Those that were authorized, in the order of a shuffle; the others are due in a month. */
function makeDue(directory: string): void {
  const database = openFile(directory);
  database
    .prepare(
      `UPDATE credential SET due_at = $now - abs(random() % 600000), lease_expires_at = 0,
         document = json_set(document, '$.nextAttemptAtMs', $now - 600000, '$.lease', NULL)
       WHERE due_at < $now + 86400000`,
    )
    .run({ $now: Date.now() });
  database.close();
}

function openFile(directory: string): DatabaseSync {
  const database = new DatabaseSync(join(directory, 'vault.db'));
  database.exec('PRAGMA synchronous = OFF');
  return database;
}

/** Milliseconds until nothing is due any more. */
async function sweep(vault: Vault): Promise<number> {
  const startedMs = performance.now();
  let done = 0;
  for (;;) {
    const listed = await vault.listDueCredentials({ limit: 500, excludedProviderIds: [] });
    if (listed.due.length === 0) break;
    done += listed.due.length;
    await eachOf(listed.due.values(), ({ credentialId }) => refresh(vault, credentialId));
  }
  if (done !== due) throw new Error(`${done} were due, not ${due}`);
  return Math.round(performance.now() - startedMs);
}

let answers = 0;

async function refresh(vault: Vault, credentialId: string): Promise<void> {
  const { outcome } = await vault.acquireLease({
    ...{ credentialId, owner: 'bench', purpose: Purpose.SCHEDULED },
    leaseTtl: durationFromMs(25_000),
    minimumRemainingLife: undefined,
  });
  if (outcome?.$case !== 'granted') throw new Error(`${credentialId}: ${outcome?.$case}`);
  const { fence, sentTokenHash } = outcome.value;
  const value = tokenSet(`answer-${Date.now()}-${++answers}`);
  await vault.completeAttempt({
    ...{ credentialId, owner: 'bench', fence, sentTokenHash, policy },
    outcome: { $case: 'tokens', value },
  });
}

async function eachOf<T>(items: Iterator<T>, work: (item: T) => Promise<void>): Promise<void> {
  const lane = async () => {
    for (let next = items.next(); !next.done; next = items.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
}

function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}
