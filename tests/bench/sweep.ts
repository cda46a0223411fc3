import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AcquireLeaseResponse_Granted,
  CredentialVaultServiceService,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { createRpcClient, durationFromMs, type RpcClient } from '@credential-renewal/rpc';
import { serverPorts } from '../servers/server-ports.ts';
import { spawnNode } from '../system/spawned-process.ts';
import type { Measured } from './figure.ts';
import { multiplyCredentials } from './multiply-credentials.ts';
import { cpuMsOf } from './process-cpu.ts';
import { median } from './statistics.ts';
import { eachOf, fillVault, type VaultToFill } from './vault-without-server.ts';

const due = 10_000;
const stored = [100_000, 1_000_000] as const;
const rounds = 5;
/** As a broker's sweep does: ten leases or outcomes to a call, and a few calls at a time. */
const together = 10;
const callsAtATime = 4;
const hourMs = 3_600_000;

type Vault = RpcClient<typeof CredentialVaultServiceService>;

/** A vault that holds so many credentials, as a process that stays. */
type FullVault = {
  count: number;
  rpc: Vault;
  /** So many hours from now what was authorized, or refreshed, is due. */
  tellTime(offsetMs: number): Promise<void>;
  cpuMs(): number;
  stop(): Promise<void>;
};

type Run = { tookMs: number; cpuMs: number };

/**
 * What a sweep costs the vault: the list of what is due, a lease and the outcome for each of 10,000 due credentials, without a provider.
 * Once with 100,000 stored and once with a million, in turn, on SQLite; what is due lies scattered among the others.
 */
export async function measureSweep(): Promise<Measured> {
  await using ending = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'cr-bench-sweep-'));
  ending.defer(() => rmSync(directory, { recursive: true }));
  const base = join(directory, 'base');
  mkdirSync(base);
  progress(`authorizing ${due} credentials`);
  await fillVault(base, { nowMs: Date.now }, authorizeAll);
  const vaults: FullVault[] = [];
  for (const count of stored) {
    progress(`storing ${count} credentials`);
    const file = join(directory, String(count));
    cpSync(base, file, { recursive: true });
    multiplyCredentials(file, count / due);
    // Before it starts, a vault looks through its whole file.
    const vault = await startFullVault(file, count);
    ending.defer(vault.stop);
    vaults.push(vault);
  }
  const runs = new Map<number, Run[]>(stored.map((count) => [count, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const vault of vaults) {
      await vault.tellTime(round * hourMs);
      const run = await measured(vault);
      progress(`round ${round}: ${run.tookMs} ms with ${vault.count} stored`);
      runs.get(vault.count)?.push(run);
    }
  }
  return toMeasured(runs);
}

function toMeasured(runs: ReadonlyMap<number, readonly Run[]>): Measured {
  const ratioOf = (value: (run: Run) => number) => {
    const [few = Number.NaN, many = Number.NaN] = stored.map((count) =>
      median((runs.get(count) ?? []).map(value)),
    );
    return Math.round((many / few) * 1_000) / 1_000;
  };
  const ratio = ratioOf(({ tookMs }) => tookMs);
  const cpuRatio = ratioOf(({ cpuMs }) => cpuMs);
  const told = (all: readonly Run[], value: (run: Run) => number) =>
    `${median(all.map(value))} ms, runs ${all.map(value).join(', ')}`;
  return {
    lines: [
      ...[...runs].map(
        ([count, all]) =>
          `sweep of ${due} due with ${count} stored: ${told(all, ({ tookMs }) => tookMs)}; the vault's CPU ${told(all, ({ cpuMs }) => cpuMs)}`,
      ),
      `the second as a share of the first: ${ratio} (goal at most 1.15); of CPU ${cpuRatio}`,
    ],
    figures: [
      { name: 'sweep-1m-vs-100k', value: ratio, unit: 'x' },
      { name: 'sweep-cpu-1m-vs-100k', value: cpuRatio, unit: 'x' },
    ],
  };
}

async function startFullVault(directory: string, count: number): Promise<FullVault> {
  const [internalPort = 0] = await serverPorts(1);
  const socket = `unix:${join(directory, 'vault.sock')}`;
  const vault = spawnNode(['services/credential-vault/src/main.ts'], {
    ...process.env,
    LISTEN_ADDRESS: socket,
    STORE_URL: `sqlite:${join(directory, 'vault.db')}`,
    KEY_ENCRYPTION_KEY_URL: `file:${join(directory, 'vault.key')}`,
    EVENT_LOG_URL: `embedded:${join(directory, 'events')}`,
    INTERNAL_PORT: String(internalPort),
    CLOCK_MAY_SHIFT: 'true',
    LOG_LEVEL: 'error',
  });
  const rpc = createRpcClient(CredentialVaultServiceService, socket, { deadlineMs: 300_000 });
  // Waits for the vault.
  await rpc.listDueCredentials({ limit: 1, excludedProviderIds: [] });
  return {
    ...{ count, rpc },
    async tellTime(offsetMs) {
      const body = JSON.stringify({ offsetMs });
      const url = `http://127.0.0.1:${internalPort}/clock`;
      const { status } = await fetch(url, { method: 'POST', body });
      if (status !== 200) throw new Error(`the vault's clock cannot be shifted: ${status}`);
    },
    cpuMs: () => cpuMsOf(vault.pid),
    async stop() {
      rpc.close();
      await vault.end('SIGTERM');
    },
  };
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

/** They fall due within a minute (the jitter of a schedule), in an order that has nothing to do with their ids. */
async function authorizeAll(vault: VaultToFill): Promise<void> {
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

async function measured(vault: FullVault): Promise<Run> {
  const cpuBeforeMs = vault.cpuMs();
  const startedMs = performance.now();
  await sweep(vault.rpc);
  return {
    tookMs: Math.round(performance.now() - startedMs),
    cpuMs: Math.round(vault.cpuMs() - cpuBeforeMs),
  };
}

/** Until nothing is due any more. */
async function sweep(vault: Vault): Promise<void> {
  let done = 0;
  for (;;) {
    const listed = await vault.listDueCredentials({ limit: 500, excludedProviderIds: [] });
    if (listed.due.length === 0) break;
    done += listed.due.length;
    const ids = listed.due.map(({ credentialId }) => credentialId);
    const groups = Array.from({ length: Math.ceil(ids.length / together) }, (_, index) =>
      ids.slice(index * together, (index + 1) * together),
    );
    await eachOf(groups.values(), (group) => refresh(vault, group), callsAtATime);
  }
  if (done !== due) throw new Error(`${done} were due, not ${due}`);
}

let answers = 0;

async function refresh(vault: Vault, credentialIds: readonly string[]): Promise<void> {
  const leases = await vault.acquireLeases({
    leases: credentialIds.map((credentialId) => ({
      ...{ credentialId, owner: 'bench', purpose: Purpose.SCHEDULED },
      leaseTtl: durationFromMs(25_000),
      minimumRemainingLife: undefined,
    })),
  });
  const granted = leases.answers.map(({ answer }): AcquireLeaseResponse_Granted => {
    if (answer?.$case === 'lease' && answer.value.outcome?.$case === 'granted')
      return answer.value.outcome.value;
    throw new Error(`no lease: ${answer?.$case}`);
  });
  const written = await vault.completeAttempts({
    attempts: granted.map(({ fence, sentTokenHash }, index) => ({
      ...{ credentialId: credentialIds[index] ?? '', owner: 'bench', fence, sentTokenHash, policy },
      outcome: { $case: 'tokens', value: tokenSet(`answer-${Date.now()}-${++answers}`) },
    })),
  });
  const failed = written.answers.find(({ answer }) => answer?.$case !== 'written');
  if (failed) throw new Error(`not written: ${failed.answer?.$case}`);
}

function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}
