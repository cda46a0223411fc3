import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { msFromDuration } from '@credential-renewal/rpc';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hourMs, minuteMs } from './testing/sample.ts';
import { type Answer, startVault, type VaultUnderTest } from './testing/vault-under-test.ts';

let directory: string;
let running: VaultUnderTest;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'outage-'));
  running = await startVault({ directory });
});
afterEach(async () => {
  await running.stop();
  rmSync(directory, { recursive: true });
});

/** A credential of an account of its own for each name; their access tokens have run out. */
async function authorizeEach(...names: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) ids.push(await running.authorize(name, { accountId: `of-${name}` }));
  running.clock.advance(hourMs);
  return ids;
}

async function refuse(...ids: string[]): Promise<void> {
  for (const id of ids) await running.attempt(id, 'refused');
}

const statusOf = async (credentialId: string) => {
  const { state } = await running.vault.getCredential({ credentialId });
  return statusNames.get(state?.status ?? 0);
};
const statusNames = new Map<number, string>(
  Object.entries(CredentialStatus).map(([name, number]) => [number, name.toLowerCase()]),
);
const statusesOf = (ids: string[]) => Promise.all(ids.map(statusOf));

const eventsOf = (type: string) =>
  running.published.filter((event) => event.type === type).map(({ subject }) => subject);

/** The sweep looks about once a second. */
const eventually = (expectation: () => unknown) =>
  vi.waitFor(expectation, { timeout: 12_000, interval: 50 });

/** Attempts what is due, as a broker does. */
async function attemptDue(outcome: 'refused' | 'works'): Promise<string[]> {
  const { due } = await running.vault.listDueCredentials({ limit: 100, excludedProviderIds: [] });
  for (const { credentialId } of due) await running.attempt(credentialId, outcome);
  return due.map(({ credentialId }) => credentialId);
}

/** A minute passes, once the sweep has seen to it that the canaries are tried then. */
async function passMinuteOfHold(): Promise<void> {
  await eventually(async () => {
    const { nextDueIn } = await running.vault.listDueCredentials({
      limit: 1,
      excludedProviderIds: [],
    });
    expect(msFromDuration(nextDueIn)).toBeLessThanOrEqual(minuteMs);
  });
  running.clock.advance(minuteMs);
}

test('credentials of several accounts that die at once are delayed, nobody is told but the operator', async () => {
  const ids = await authorizeEach('a', 'b', 'c', 'd');
  await refuse(...ids);
  expect(await statusesOf(ids)).toEqual(['expired', 'expired', 'delayed', 'delayed']);
  const { state } = await running.vault.getCredential({ credentialId: ids[3] ?? '' });
  expect(state).toMatchObject({
    episodeId: undefined,
    reason: { code: 'provider_unavailable', evidence: { error: 'invalid_grant' } },
  });
  await eventually(() => expect(eventsOf('credential.expired')).toEqual(ids.slice(0, 2)));
  expect(running.log()).toMatch(/died at once: verdicts of this client are held.*Look at/);
  expect(await running.metric('credential_vault_outages_total', { outcome: 'begun' })).toBe(1);
  expect(await running.metric('credential_vault_outages', { provider: 'orchard' })).toBe(1);
  expect(await running.readiness('outages')).toEqual({
    degraded: expect.stringContaining('orchard (client our-client) since'),
  });
});

test('one canary that works again releases all: nobody expires, and those who had are told that it works', async () => {
  const ids = await authorizeEach('a', 'b', 'c', 'd', 'e');
  await refuse(...ids);
  await passMinuteOfHold();
  expect(await attemptDue('works')).not.toEqual([]);
  await eventually(async () =>
    expect(await running.metric('credential_vault_outages_total', { outcome: 'released' })).toBe(1),
  );
  await eventually(async () => {
    running.clock.advance(minuteMs);
    await attemptDue('works');
    expect(new Set(await statusesOf(ids))).toEqual(new Set(['healthy']));
  });
  await eventually(() => expect(eventsOf('credential.renewed').sort()).toEqual(ids.slice(0, 2)));
  const renewed = running.published.filter(({ type }) => type === 'credential.renewed');
  expect(renewed.map(({ data }) => data)).toMatchObject([
    { cause: 'CAUSE_RECOVERED' },
    { cause: 'CAUSE_RECOVERED' },
  ]);
  expect(eventsOf('credential.expired')).toEqual(ids.slice(0, 2));
  expect(await running.metric('credential_vault_outages', { provider: 'orchard' })).toBeUndefined();
});

test('canaries that are refused again while others work confirm the verdicts: each expires once', async () => {
  const ids = await authorizeEach('a', 'b', 'c', 'd', 'e');
  const sound = await authorizeEach('u', 'v', 'w', 'x', 'y', 'z');
  await refuse(...ids);
  for (const id of sound) await running.attempt(id, 'works');
  for (let minute = 0; minute < 2; minute++) {
    expect(await statusOf(ids[4] ?? '')).toBe('delayed');
    await passMinuteOfHold();
    expect((await attemptDue('refused')).sort()).toEqual(ids.slice(0, 3).sort());
  }
  await eventually(async () =>
    expect(new Set(await statusesOf(ids))).toEqual(new Set(['expired'])),
  );
  await eventually(() => expect(eventsOf('credential.expired').sort()).toEqual([...ids].sort()));
  expect(await running.metric('credential_vault_outages_total', { outcome: 'confirmed' })).toBe(1);
  expect(await statusesOf(sound)).not.toContain('expired');
});

test('a hold ends by itself after an hour, and then each verdict counts once; later ones count at once', async () => {
  const ids = await authorizeEach('a', 'b', 'c', 'd', 'p', 'q', 'r', 's');
  const [early, late] = [ids.slice(0, 4), ids.slice(4)];
  await refuse(...early);
  running.clock.advance(hourMs);
  await eventually(async () =>
    expect(new Set(await statusesOf(early))).toEqual(new Set(['expired'])),
  );
  await refuse(...late);
  expect(new Set(await statusesOf(late))).toEqual(new Set(['expired']));
  await eventually(() => expect(eventsOf('credential.expired').sort()).toEqual([...ids].sort()));
  expect(await running.metric('credential_vault_outages_total', { outcome: 'ended' })).toBe(1);
});

test('one customer who uninstalls is no outage, however many credentials go', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 30; index++) ids.push(await running.authorize(`c-${index}`));
  running.clock.advance(hourMs);
  await refuse(...ids);
  expect(new Set(await statusesOf(ids))).toEqual(new Set(['expired']));
  expect(await running.metric('credential_vault_outages_total', {})).toBeUndefined();
});

test('a hold survives a restart', async () => {
  const ids = await authorizeEach('a', 'b', 'c', 'd');
  await refuse(...ids.slice(0, 3));
  const { clock } = running;
  await running.stop();
  running = await startVault({ directory, clock });
  await refuse(ids[3] ?? '');
  expect(await statusOf(ids[3] ?? '')).toBe('delayed');
  clock.advance(hourMs);
  await eventually(async () =>
    expect(new Set(await statusesOf(ids))).toEqual(new Set(['expired'])),
  );
});

test('access that the API refuses to several accounts is held too, and a refresh that works clears nothing of it', async () => {
  const ids = await authorizeEach('a', 'b', 'c', 'd');
  const report = async (credentialId: string) => {
    const { tokenHash } = await running.vault.readAccessToken({ credentialId });
    return running.vault.reportRejectedToken({ credentialId, tokenHash, worker: 'sync' });
  };
  for (const id of ids) {
    await report(id);
    await running.attempt(id, 'works');
    await report(id);
  }
  expect(await statusesOf(ids)).toEqual(['expired', 'expired', 'delayed', 'delayed']);
  running.clock.advance(minuteMs);
  await running.attempt(ids[3] ?? '', 'works');
  expect(await statusOf(ids[3] ?? '')).toBe('delayed');
  running.clock.advance(hourMs);
  await eventually(async () =>
    expect(new Set(await statusesOf(ids))).toEqual(new Set(['expired'])),
  );
});

/** The API refuses each, and the token of a refresh too. */
async function refuseAccess(...ids: string[]): Promise<void> {
  for (const id of ids) {
    await reportStored(id);
    await running.attempt(id, 'works');
    await reportStored(id);
  }
}

async function reportStored(credentialId: string): Promise<void> {
  const { tokenHash } = await running.vault.readAccessToken({ credentialId });
  await running.vault.reportRejectedToken({ credentialId, tokenHash, worker: 'sync' });
}

/** What is due and, for those that are asked about the API, the identity call that follows the refresh. */
async function probeCanaries(identity: Answer): Promise<string[]> {
  await passMinuteOfHold();
  const asked = await attemptDue('works');
  for (const id of asked) await running.attempt(id, identity);
  return asked;
}

test('access that was refused is asked for with a fresh token and the identity call: one that works releases all', async () => {
  const ids = await authorizeEach('a', 'b', 'c', 'd', 'e');
  await refuseAccess(...ids);
  expect(await statusesOf(ids)).toEqual(['expired', 'expired', 'delayed', 'delayed', 'delayed']);
  await passMinuteOfHold();
  // The first two are dead for everybody, and nobody tries their tokens.
  expect(await attemptDue('works')).toEqual([ids[2]]);
  // The refresh alone says nothing.
  expect(await running.metric('credential_vault_outages', { provider: 'orchard' })).toBe(1);
  expect(await statusOf(ids[2] ?? '')).toBe('delayed');
  await running.attempt(ids[2] ?? '', 'works');
  await eventually(async () =>
    expect(await running.metric('credential_vault_outages_total', { outcome: 'released' })).toBe(1),
  );
  await eventually(async () => {
    running.clock.advance(minuteMs);
    await attemptDue('works');
    expect(new Set(await statusesOf(ids))).toEqual(new Set(['healthy']));
  });
  expect(eventsOf('credential.expired')).toEqual(ids.slice(0, 2));
  await eventually(() => expect(eventsOf('credential.renewed').sort()).toEqual(ids.slice(0, 2)));
});

test('access that is refused again, while others’ works, confirms the verdicts', async () => {
  const ids = await authorizeEach('a', 'b', 'c', 'd', 'e');
  const sound = await authorizeEach('u', 'v', 'w', 'x', 'y', 'z');
  await refuseAccess(...ids);
  for (const id of sound) await running.attempt(id, 'works');
  for (let minute = 0; minute < 2; minute++) {
    expect(await statusOf(ids[4] ?? '')).toBe('delayed');
    expect(await probeCanaries('refused')).toEqual([ids[2]]);
  }
  await eventually(async () =>
    expect(new Set(await statusesOf(ids))).toEqual(new Set(['expired'])),
  );
  expect(await running.metric('credential_vault_outages_total', { outcome: 'confirmed' })).toBe(1);
  const states = await Promise.all(
    ids.map((credentialId) => running.vault.getCredential({ credentialId })),
  );
  expect(new Set(states.map(({ state }) => state?.reason?.code))).toEqual(
    new Set(['access_refused']),
  );
});

test.each(['unreachable', 'client_refused'] as const)(
  'an identity call that is %s is no verdict: the hold goes on',
  async (answer) => {
    const ids = await authorizeEach('a', 'b', 'c', 'd');
    const sound = await authorizeEach('u', 'v', 'w', 'x', 'y');
    await refuseAccess(...ids);
    for (const id of sound) await running.attempt(id, 'works');
    for (let minute = 0; minute < 3; minute++) {
      expect(await probeCanaries(answer)).toEqual([ids[2]]);
    }
    expect(await statusesOf(ids)).toEqual(['expired', 'expired', 'delayed', 'delayed']);
    running.clock.advance(hourMs);
    await eventually(async () =>
      expect(new Set(await statusesOf(ids))).toEqual(new Set(['expired'])),
    );
    expect(await running.metric('credential_vault_outages_total', { outcome: 'ended' })).toBe(1);
  },
);

test('a fresh token with which the API refuses a worker again is a refusal, whatever the identity call would say', async () => {
  const ids = await authorizeEach('a', 'b', 'c', 'd');
  const sound = await authorizeEach('u', 'v', 'w', 'x', 'y');
  await refuseAccess(...ids);
  for (const id of sound) await running.attempt(id, 'works');
  for (let minute = 0; minute < 2; minute++) {
    expect(await statusOf(ids[3] ?? '')).toBe('delayed');
    await passMinuteOfHold();
    expect(await attemptDue('works')).toEqual([ids[2]]);
    await reportStored(ids[2] ?? '');
  }
  await eventually(async () =>
    expect(new Set(await statusesOf(ids))).toEqual(new Set(['expired'])),
  );
  expect(await running.metric('credential_vault_outages_total', { outcome: 'confirmed' })).toBe(1);
});

test.each(['pause', 'shadow'] as const)(
  'with VERDICTS=%s nobody expires; with it on again, those who are still refused do',
  async (verdicts) => {
    const ids = await authorizeEach('a');
    const { clock } = running;
    await running.stop();
    running = await startVault({ directory, clock, config: { verdicts } });
    await refuse(...ids);
    expect(await statusesOf(ids)).toEqual(['delayed']);
    const handled = { handling: verdicts, reason: 'access_withdrawn' };
    expect(await running.metric('credential_vault_verdicts_total', handled)).toBe(1);
    expect(/would be declared dead/.test(running.log())).toBe(verdicts === 'shadow');
    expect(await running.readiness('verdicts')).toEqual({
      degraded: expect.stringContaining(`VERDICTS is ${verdicts}`),
    });
    await running.stop();
    running = await startVault({ directory, clock });
    clock.advance(5 * minuteMs);
    await refuse(...ids);
    expect(await statusesOf(ids)).toEqual(['expired']);
    await eventually(() => expect(eventsOf('credential.expired')).toEqual(ids));
  },
);

test('a client that is refused for as many others as it works for is the operator’s', async () => {
  const [ours, other] = await authorizeEach('a', 'b');
  const [working] = await authorizeEach('w');
  await running.attempt(ours ?? '', 'client_refused');
  await running.attempt(other ?? '', 'client_refused');
  running.clock.advance(2 * minuteMs);
  await running.attempt(working ?? '', 'works');
  running.clock.advance(5 * minuteMs);
  await running.attempt(ours ?? '', 'client_refused');
  expect(await statusOf(ours ?? '')).toBe('delayed');
  // The other customer’s works again: what is left is this one’s.
  await running.attempt(other ?? '', 'works');
  running.clock.advance(5 * minuteMs);
  await running.attempt(ours ?? '', 'client_refused');
  expect(await statusOf(ours ?? '')).toBe('expired');
});
