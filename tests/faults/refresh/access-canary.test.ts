import type { ServerResponse } from 'node:http';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { msFromDuration } from '@credential-renewal/rpc';
import { expect, test, vi } from 'vitest';
import { authorize } from './first-authorization.ts';
import { statesOf, waiting } from './refresh-expectations.ts';
import { type RefreshWorld, startRefreshWorld } from './refresh-world.ts';

const credentials = 4;
const minuteMs = 60_000;
const { DELAYED, EXPIRED, HEALTHY } = CredentialStatus;

/** Each credential is of an account of its own. */
async function startWorld(): Promise<RefreshWorld> {
  const graceSeconds = 0;
  const world = await startRefreshWorld({ credentials: 0, graceSeconds });
  const { vault, provider } = world;
  for (let index = 0; index < credentials; index++) {
    const accountId = `account-${index}`;
    const storeCandidate: typeof vault.storeCandidate = (candidate) =>
      vault.storeCandidate({ ...candidate, accountId });
    const grant = { provider, graceSeconds, lifeSeconds: 3_600 };
    world.credentials.push(await authorize({ ...grant, vault: { ...vault, storeCandidate } }));
  }
  return world;
}

/** The API refuses a worker, and again with the token of a refresh: licences of several accounts are gone at once, or the API is broken. */
async function refuseAccess({ vault, credentials: ids }: RefreshWorld): Promise<void> {
  for (const credentialId of ids) {
    const first = await vault.readAccessToken({ credentialId });
    const report = (tokenHash: string) =>
      vault.reportRejectedToken({ credentialId, tokenHash, worker: 'sync' });
    await report(first.tokenHash);
    const fresh = await vi.waitFor(async () => {
      const read = await vault.readAccessToken({ credentialId });
      expect(read.tokenHash).not.toBe(first.tokenHash);
      return read;
    }, waiting);
    await report(fresh.tokenHash);
  }
}

const statusesOf = async (world: RefreshWorld) =>
  (await statesOf(world)).map((state) => state?.status);

/** To the next attempt, where one is planned that is not further away; never beyond what is due. */
async function passTime({ vault, clock }: RefreshWorld, mostMs: number): Promise<void> {
  const { due, nextDueIn } = await vault.listDueCredentials({ limit: 10, excludedProviderIds: [] });
  const nextMs = msFromDuration(nextDueIn) ?? Number.POSITIVE_INFINITY;
  if (due.length === 0 && nextMs <= mostMs) clock.advance(nextMs);
}

/** The canary's next identity call has been made, and its answer is stored. */
async function identityCall(world: RefreshWorld): Promise<void> {
  const { provider, vault } = world;
  const before = provider.identified().length;
  await vi.waitFor(async () => {
    await passTime(world, minuteMs);
    expect(provider.identified().length).toBeGreaterThan(before);
  }, waiting);
  await vi.waitFor(async () => {
    const { due } = await vault.listDueCredentials({ limit: 10, excludedProviderIds: [] });
    expect(due).toEqual([]);
  }, waiting);
}

const html = (status: number) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'text/html' }).end('<p>maintenance');

test('identity calls that break, or are answered by somebody else, decide nothing; one that works with a fresh token releases all', {
  timeout: 240_000,
}, async () => {
  await using world = await startWorld();
  const { provider } = world;
  await world.startBroker();
  await refuseAccess(world);
  expect(await statusesOf(world)).toEqual([EXPIRED, EXPIRED, DELAYED, DELAYED]);

  expect(provider.identified()).toEqual([]);
  for (const answer of [
    (response: ServerResponse) => void response.destroy(),
    html(503),
    html(200),
    html(403),
  ]) {
    provider.answerIdentity = answer;
    await identityCall(world);
    expect(await statusesOf(world)).toEqual([EXPIRED, EXPIRED, DELAYED, DELAYED]);
  }

  provider.answerIdentity = undefined;
  await vi.waitFor(async () => {
    await passTime(world, 5 * minuteMs);
    expect(await statusesOf(world)).toEqual([HEALTHY, HEALTHY, HEALTHY, HEALTHY]);
  }, waiting);
  // Each call was made with a token that a refresh had just brought.
  expect(new Set(provider.identified()).size).toBe(provider.identified().length);
  expect(provider.killed()).toEqual([]);
  expect(provider.overlaps()).toBe(0);
});
