import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type CloudEvent, type EventLog, openEmbeddedEventLog } from '@credential-renewal/events';
import {
  type CommitCandidateRequest,
  CredentialVaultServiceService,
  Failure_Kind,
  AcquireLeaseRequest_Purpose as Purpose,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { createRpcClient, durationFromMs, type RpcClient } from '@credential-renewal/rpc';
import { createLogger, createShiftableClock } from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CredentialVaultConfig } from './config.ts';
import { type RunningCredentialVault, startCredentialVault } from './index.ts';
import { sampleOutageSettings } from './testing/sample.ts';
import { tokenHash } from './token-hash.ts';

let directory: string;
let log: string;
let eventLog: EventLog;
let running: RunningCredentialVault;
let vault: RpcClient<typeof CredentialVaultServiceService>;
let published: CloudEvent[];
const clock = createShiftableClock();

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vault-'));
  log = '';
  published = [];
  await start();
});
afterEach(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

async function start() {
  const destination = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const logger = createLogger({ service: 'credential-vault', level: 'debug', destination });
  eventLog = await openEmbeddedEventLog({ directory: join(directory, 'events'), clock, logger });
  await eventLog.tail({
    topics: ['credential.state', 'credential.expired', 'credential.renewed'],
    from: 'start',
    handle: ({ event }) => void published.push(event),
  });
  const config: CredentialVaultConfig = {
    listenAddress: `unix:${directory}/vault.sock`,
    store: { engine: 'sqlite', path: `${directory}/vault.db` },
    keys: {
      keyEncryptionKey: { kind: 'file', path: join(directory, 'vault.key') },
      previousKeyEncryptionKey: undefined,
    },
    confirmRefusalAfterMs: 60_000,
    maxRetryDelayMs: 300_000,
    verdicts: 'on',
    outage: sampleOutageSettings,
  };
  running = await startCredentialVault(config, {
    clock,
    logger,
    eventLog,
    metrics: new Registry(),
  });
  vault = createRpcClient(CredentialVaultServiceService, running.address, { deadlineMs: 5_000 });
}

async function stop() {
  vault.close();
  await running.stop();
  await eventLog.close();
}

const policy = {
  providerId: 'orchard',
  providerName: 'Orchard Drive',
  clientId: 'our-client',
  rotates: true,
  rotationGrace: durationFromMs(60_000),
  identityCheckInterval: durationFromMs(900_000),
};

const tokenSet = (name: string) => ({
  accessToken: `planted-access-${name}`,
  refreshToken: `planted-refresh-${name}`,
  expiresIn: durationFromMs(3_600_000),
  refreshExpiresIn: undefined,
  refreshLifeAbsolute: false,
  kept: {},
  scopes: ['files.read'],
});

const commit = (
  transactionId: string,
  overrides: Partial<CommitCandidateRequest> = {},
): CommitCandidateRequest => ({
  transactionId,
  identity: { kind: 'user', key: 'ada', maskedLabel: 'a•••@orchard.example' },
  requiredScopes: ['files.read'],
  grantedScopes: ['files.read'],
  missingScopes: [],
  switchIdentity: false,
  actor: undefined,
  policy,
  ...overrides,
});

async function authorize(name: string, overrides: Partial<CommitCandidateRequest> = {}) {
  await vault.storeCandidate({
    transactionId: name,
    accountId: 'acme',
    credentialId: undefined,
    tokens: tokenSet(name),
  });
  const { outcome } = await vault.commitCandidate(commit(name, overrides));
  if (outcome?.$case !== 'installed') throw new Error(outcome?.$case);
  return { credentialId: outcome.value.state?.credentialId ?? '', joined: outcome.value.joined };
}

async function lease(credentialId: string) {
  const { outcome } = await vault.acquireLease({
    credentialId,
    owner: 'broker-1',
    purpose: Purpose.ON_DEMAND,
    leaseTtl: durationFromMs(25_000),
    minimumRemainingLife: durationFromMs(60_000),
  });
  if (outcome?.$case !== 'granted') throw new Error(outcome?.$case);
  return outcome.value;
}

async function refuse(credentialId: string) {
  await vault.reportRejectedToken({
    credentialId,
    tokenHash: (await vault.readAccessToken({ credentialId })).tokenHash,
    worker: 'sync',
  });
  const { fence, sentTokenHash } = await lease(credentialId);
  const value = {
    kind: Failure_Kind.GRANT_REFUSED,
    error: 'invalid_grant',
    description: 'revoked',
    httpStatus: 400,
    retryAfter: undefined,
    answerLost: false,
    reasonCode: '',
  };
  return vault.completeAttempt({
    credentialId,
    owner: 'broker-1',
    fence,
    sentTokenHash,
    policy,
    outcome: { $case: 'failure', value },
  });
}

const typesOf = () => published.map(({ type }) => type);

test('tokens of a first authorization are read back, and survive a restart', async () => {
  const { credentialId } = await authorize('one');
  await stop();
  await start();
  const read = await vault.readAccessToken({ credentialId });
  expect(read).toMatchObject({
    accessToken: 'planted-access-one',
    accountId: 'acme',
    rejected: false,
  });
  expect(read.tokenHash).toBe(tokenHash('planted-access-one'));
});

test('no token stands in any file, event or log line', async () => {
  const { credentialId } = await authorize('canary');
  await refuse(credentialId);
  await vi.waitFor(() => expect(typesOf()).toContain('credential.expired'));
  await stop();
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath, file.name), 'latin1');
    expect(bytes.includes('planted-'), file.name).toBe(false);
  }
  expect(log).not.toContain('planted-');
  await start();
});

test('a death is published once, with its evidence, and a renewal closes that episode', async () => {
  const { credentialId } = await authorize('one');
  const { state } = await refuse(credentialId);
  expect(state).toMatchObject({
    status: CredentialStatus.EXPIRED,
    reason: { code: 'access_withdrawn' },
  });
  await vault.storeCandidate({
    transactionId: 'two',
    accountId: 'acme',
    credentialId,
    tokens: tokenSet('two'),
  });
  const { outcome } = await vault.commitCandidate(commit('two'));
  expect(outcome).toMatchObject({
    $case: 'installed',
    value: { joined: false, state: { status: CredentialStatus.HEALTHY } },
  });
  await vi.waitFor(() => expect(typesOf()).toContain('credential.renewed'));
  expect(typesOf().filter((type) => type === 'credential.expired')).toHaveLength(1);
  const expired = published.find(({ type }) => type === 'credential.expired');
  expect(expired?.data).toMatchObject({
    episodeId: state?.episodeId,
    reason: { evidence: { error: 'invalid_grant', httpStatus: 400 } },
  });
  const states = published.filter(({ type }) => type === 'credential.state');
  expect(states.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3]);
});

test('the same commit twice gives the same answer and changes nothing', async () => {
  await vault.storeCandidate({
    transactionId: 'one',
    accountId: 'acme',
    credentialId: undefined,
    tokens: tokenSet('one'),
  });
  const first = await vault.commitCandidate(commit('one'));
  expect(await vault.commitCandidate(commit('one'))).toEqual(first);
});

test('a second authorization of the same provider identity joins the credential that is there', async () => {
  const first = await authorize('one');
  expect(await authorize('two')).toEqual({ credentialId: first.credentialId, joined: true });
  const { accessToken } = await vault.readAccessToken({ credentialId: first.credentialId });
  expect(accessToken).toBe('planted-access-two');
});

test('a credential is kept while a first authorization that joined it has yet to reach its source', async () => {
  const { credentialId } = await authorize('one');
  await authorize('two');
  const { state } = await vault.getCredential({ credentialId });
  const disconnect = () =>
    vault.startRevocation({ credentialId, actor: undefined, seenVersion: state?.version ?? 0n });
  await expect(disconnect()).rejects.toMatchObject({ code: 'CREDENTIAL_IN_USE' });
  clock.advance(60_000);
  expect((await disconnect()).state?.status).toBe(CredentialStatus.REVOKING);
});

test('another identity leaves the stored tokens untouched and names both accounts, masked', async () => {
  const { credentialId } = await authorize('one');
  await vault.storeCandidate({
    transactionId: 'two',
    accountId: 'acme',
    credentialId,
    tokens: tokenSet('two'),
  });
  const stranger = { kind: 'user', key: 'max', maskedLabel: 'm•••@orchard.example' };
  const { outcome } = await vault.commitCandidate(commit('two', { identity: stranger }));
  expect(outcome).toEqual({
    $case: 'wrongIdentity',
    value: {
      expectedMaskedLabel: 'a•••@orchard.example',
      actualMaskedLabel: 'm•••@orchard.example',
    },
  });
  expect((await vault.readAccessToken({ credentialId })).accessToken).toBe('planted-access-one');
});

test('new tokens are stored before anybody reads them, and an overtaken attempt is refused', async () => {
  const { credentialId } = await authorize('one');
  clock.advance(3_600_000);
  const { fence, sentTokenHash, refreshToken } = await lease(credentialId);
  expect(refreshToken).toBe('planted-refresh-one');
  const complete = (name: string) =>
    vault.completeAttempt({
      credentialId,
      owner: 'broker-1',
      fence,
      sentTokenHash,
      policy,
      outcome: { $case: 'tokens', value: tokenSet(name) },
    });
  await complete('two');
  expect((await vault.readAccessToken({ credentialId })).accessToken).toBe('planted-access-two');
  await complete('two');
  await vault.storeCandidate({
    transactionId: 'renewal',
    accountId: 'acme',
    credentialId,
    tokens: tokenSet('renewed'),
  });
  await vault.commitCandidate(commit('renewal'));
  await expect(complete('three')).rejects.toMatchObject({ code: 'ATTEMPT_SUPERSEDED' });
});

test('what a provider told beside its tokens is told to workers, stays when a refresh does not repeat it, and goes with the grant', async () => {
  const told = (kept: Record<string, string>, name: string) => ({ ...tokenSet(name), kept });
  const keptNow = async () => (await vault.readAccessToken({ credentialId })).kept;
  const { credentialId } = await authorize('one');
  expect(await keptNow()).toEqual({});
  async function refresh(kept: Record<string, string>, name: string) {
    clock.advance(3_600_000);
    const { fence, sentTokenHash } = await lease(credentialId);
    const attempt = { credentialId, owner: 'broker-1', fence, sentTokenHash, policy };
    return vault.completeAttempt({
      ...{ ...attempt, outcome: { $case: 'tokens', value: told(kept, name) } },
    });
  }
  const first = { instanceUrl: 'https://acme.example', podId: '7' };
  await refresh(first, 'two');
  expect(await keptNow()).toEqual(first);
  const moved = { instanceUrl: 'https://acme-2.example' };
  expect((await refresh(moved, 'three')).kept).toEqual({ ...first, ...moved });
  await vault.storeCandidate({
    ...{ transactionId: 'renewal', accountId: 'acme', credentialId, tokens: told(moved, 'new') },
  });
  await vault.commitCandidate(commit('renewal'));
  expect(await keptNow()).toEqual(moved);
});

const wide = {
  requiredScopes: ['files.read', 'files.comment'],
  grantedScopes: ['files.read', 'files.comment'],
};

async function renew(name: string, credentialId: string, overrides = {}) {
  const candidate = { accountId: 'acme', credentialId, tokens: tokenSet(name) };
  await vault.storeCandidate({ transactionId: name, ...candidate });
  return (await vault.commitCandidate(commit(name, overrides))).outcome?.$case;
}

const scopesOf = async (credentialId: string) =>
  (await vault.getCredential({ credentialId })).requiredScopes;

test('a credential that was granted more is joined by who needs as much, and never overwritten by who needs less', async () => {
  const { credentialId } = await authorize('one');
  expect(await renew('more', credentialId, wide)).toBe('installed');
  const fewer = await authorize('two');
  expect(fewer).toMatchObject({ joined: false });
  expect(await scopesOf(credentialId)).toEqual(wide.requiredScopes);
  expect(await authorize('three', wide)).toEqual({ credentialId, joined: true });
  expect(await authorize('four')).toEqual({ credentialId: fewer.credentialId, joined: true });
});

test('of two credentials that came to be of the same grant each lives on, and one is joined', async () => {
  const { credentialId } = await authorize('one');
  const wider = await authorize('two', wide);
  expect(wider.joined).toBe(false);
  expect(await renew('more', credentialId, wide)).toBe('installed');
  expect(await scopesOf(credentialId)).toEqual(wide.requiredScopes);
  expect(await authorize('three', wide)).toEqual({ ...wider, joined: true });
  expect(await authorize('four')).toMatchObject({ joined: false });
  // Once the other is gone, it is the one to join.
  clock.advance(61_000);
  const { state } = await vault.getCredential({ credentialId: wider.credentialId });
  const seenVersion = state?.version ?? 0n;
  await vault.startRevocation({ ...wider, actor: undefined, seenVersion });
  expect(await renew('again', credentialId, wide)).toBe('installed');
  expect(await authorize('five', wide)).toEqual({ credentialId, joined: true });
});

test('what credentials were granted is told by account, and telling it changes and publishes nothing', async () => {
  const one = await authorize('one');
  const two = await authorize('two', {
    identity: { kind: 'user', key: 'max', maskedLabel: 'm•••@orchard.example' },
    requiredScopes: ['files.read', 'offline'],
  });
  const credentialIds = [one.credentialId, two.credentialId, 'nobody'];
  const before = await vault.getCredential({ credentialId: one.credentialId });
  expect(before.requiredScopes).toEqual(['files.read']);
  const { grants } = await vault.listGrantedScopes({ accountId: 'acme', credentialIds });
  const granted = (credentialId: string, requiredScopes: string[]) => ({
    ...{ credentialId, requiredScopes, grantedScopes: ['files.read'] },
    ...{ providerId: 'orchard', status: CredentialStatus.HEALTHY },
  });
  expect(grants).toHaveLength(2);
  expect(grants).toEqual(
    expect.arrayContaining([
      granted(one.credentialId, ['files.read']),
      granted(two.credentialId, ['files.read', 'offline']),
    ]),
  );
  expect(await vault.listGrantedScopes({ accountId: 'globex', credentialIds })).toEqual({
    grants: [],
  });
  expect(await vault.getCredential({ credentialId: one.credentialId })).toEqual(before);
  await expect(
    vault.listGrantedScopes({ accountId: 'acme', credentialIds: Array(201).fill('a') }),
  ).rejects.toMatchObject({ violations: [{ field: 'credential_ids' }] });
});

test('a shared grant is not revoked at the provider; the last one is, and then it is gone with a tombstone', async () => {
  const one = await authorize('one');
  const two = await authorize('two', { requiredScopes: ['files.read', 'files.list'] });
  expect(two.joined).toBe(false);
  await vault.startRevocation({
    credentialId: one.credentialId,
    actor: undefined,
    seenVersion: 0n,
  });
  const { revocations } = await vault.listRevocations({ limit: 10 });
  expect(revocations).toMatchObject([{ credentialId: one.credentialId, token: undefined }]);
  await vault.completeRevocation({
    credentialId: one.credentialId,
    outcome: { $case: 'revoked', value: {} },
  });
  await vault.startRevocation({
    credentialId: two.credentialId,
    actor: undefined,
    seenVersion: 0n,
  });
  expect((await vault.listRevocations({ limit: 10 })).revocations).toMatchObject([
    { token: 'planted-refresh-two' },
  ]);
  await expect(vault.getCredential({ credentialId: one.credentialId })).rejects.toMatchObject({
    code: 'CREDENTIAL_NOT_FOUND',
  });
  await vi.waitFor(() =>
    expect(
      published.some(({ data, subject }) => data === null && subject === one.credentialId),
    ).toBe(true),
  );
});

test('of brokers that list revocations at once, one is given each; another after a minute', async () => {
  const { credentialId } = await authorize('one');
  await vault.startRevocation({ credentialId, actor: undefined, seenVersion: 0n });
  const listAll = async () => {
    const lists = await Promise.all([1, 2, 3].map(() => vault.listRevocations({ limit: 10 })));
    return lists.flatMap(({ revocations }) => revocations);
  };
  expect(await listAll()).toMatchObject([{ credentialId, token: 'planted-refresh-one' }]);
  expect(await listAll()).toEqual([]);
  clock.advance(60_000);
  expect(await listAll()).toMatchObject([{ credentialId }]);
});

test('a disconnect ends an open episode', async () => {
  const { credentialId } = await authorize('one');
  await refuse(credentialId);
  const { state } = await vault.startRevocation({
    credentialId,
    actor: undefined,
    seenVersion: 0n,
  });
  expect(state).toMatchObject({ status: CredentialStatus.REVOKING, episodeId: undefined });
});

test('bad input is refused by field', async () => {
  await expect(vault.getCredential({ credentialId: '../etc' })).rejects.toMatchObject({
    kind: 'invalid_argument',
    violations: [{ field: 'credential_id' }],
  });
  await expect(
    vault.listDueCredentials({ limit: 0, excludedProviderIds: [] }),
  ).rejects.toMatchObject({
    violations: [{ field: 'limit' }],
  });
});

test('a client that broke for everybody expires nobody who was in other trouble before, or failed a moment earlier', async () => {
  const { credentialId } = await authorize('of-acme');
  const fail = async (kind: Failure_Kind) => {
    clock.advance(3_600_000);
    const { fence, sentTokenHash } = await lease(credentialId);
    const value = {
      ...{ kind, error: 'e', description: '', httpStatus: 400, reasonCode: '' },
      ...{ retryAfter: undefined, answerLost: false },
    };
    const { state } = await vault.completeAttempt({
      ...{ credentialId, owner: 'broker-1', fence, sentTokenHash, policy },
      outcome: { $case: 'failure', value },
    });
    return state?.status;
  };
  const worksFor = async (name: string) => {
    const transactionId = `of-globex-${name}`;
    const candidate = { accountId: 'globex', credentialId: undefined, tokens: tokenSet(name) };
    await vault.storeCandidate({ transactionId, ...candidate });
    const identity = { kind: 'user', key: name, maskedLabel: 'g•••' };
    await vault.commitCandidate(commit(transactionId, { identity }));
  };
  expect(await fail(Failure_Kind.TRANSIENT)).toBe(CredentialStatus.DELAYED);
  await worksFor('before-the-client-broke');
  expect(await fail(Failure_Kind.CLIENT_REFUSED)).toBe(CredentialStatus.DELAYED);
  await worksFor('asked-before-it-broke-and-stored-after');
  expect(await fail(Failure_Kind.CLIENT_REFUSED)).toBe(CredentialStatus.DELAYED);
  await worksFor('a-while-later');
  expect(await fail(Failure_Kind.CLIENT_REFUSED)).toBe(CredentialStatus.EXPIRED);
});
