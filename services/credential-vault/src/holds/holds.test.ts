import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldEnd } from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hourMs, minuteMs } from '../testing/sample.ts';
import { startVault, type VaultUnderTest } from '../testing/vault-under-test.ts';
import { readHoldCommand, runHoldCommand } from './hold-command.ts';

let directory: string;
let running: VaultUnderTest;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holds-'));
  running = await startVault({ directory });
});
afterEach(async () => {
  await running.stop();
  rmSync(directory, { recursive: true });
});

const jo = { decidedBy: 'Jo', reason: 'the status page says so' };

/** Credentials of an account each, of which all but two are held. */
async function beginHold(...names: string[]): Promise<{ ids: string[]; holdId: string }> {
  const ids: string[] = [];
  for (const name of names) ids.push(await running.authorize(name, { accountId: `of-${name}` }));
  running.clock.advance(hourMs);
  for (const id of ids) await running.attempt(id, 'refused');
  const { holds } = await running.holds.listHolds({});
  return { ids, holdId: holds[0]?.id ?? '' };
}

const decide = (holdId: string, end: HoldEnd, by = jo) =>
  running.holds.decideHold({ holdId, end, ...by });

async function countOf(ids: string[], status: CredentialStatus): Promise<number> {
  const found = await Promise.all(
    ids.map((credentialId) => running.vault.getCredential({ credentialId })),
  );
  return found.filter(({ state }) => state?.status === status).length;
}

/** The sweep looks about once a second. */
const eventually = (expectation: () => unknown) =>
  vi.waitFor(expectation, { timeout: 12_000, interval: 50 });

const expiredEvents = () =>
  running.published.filter(({ type }) => type === 'credential.expired').map((one) => one.subject);

const outcomes = () =>
  Promise.all(
    ['released', 'confirmed', 'ended'].map(
      async (outcome) => (await running.metric('credential_vault_outages_total', { outcome })) ?? 0,
    ),
  );

test('a hold is listed with its client, since when, how many it holds and when it ends', async () => {
  const { ids } = await beginHold('a', 'b', 'c', 'd');
  const { holds, decisions } = await running.holds.listHolds({});
  expect(holds).toMatchObject([{ providerId: 'orchard', clientId: 'our-client', held: 2 }]);
  const [hold] = holds;
  expect(Number(hold?.endsAt) - Number(hold?.since)).toBe(hourMs);
  expect(decisions).toEqual([]);
  expect(await countOf(ids, CredentialStatus.DELAYED)).toBe(2);
});

test('a person releases a hold: nobody held expires, and the words stay', async () => {
  const { ids, holdId } = await beginHold('a', 'b', 'c', 'd');
  expect(await decide(holdId, HoldEnd.RELEASED)).toMatchObject({
    decidedNow: true,
    decision: { holdId, end: HoldEnd.RELEASED, ...jo },
  });
  await eventually(async () => {
    running.clock.advance(minuteMs);
    const { due } = await running.vault.listDueCredentials({ limit: 9, excludedProviderIds: [] });
    for (const { credentialId } of due) await running.attempt(credentialId, 'works');
    expect(await countOf(ids, CredentialStatus.HEALTHY)).toBe(4);
  });
  expect(expiredEvents()).toEqual(ids.slice(0, 2));
  expect(running.log()).toMatch(/"decided_by":"Jo","reason":"the status page says so"/);
  expect(await running.holds.listHolds({})).toMatchObject({ holds: [], decisions: [jo] });
  expect(await outcomes()).toEqual([1, 0, 0]);
});

test('a release while the provider is still broken tells nobody: the first refusal begins the next hold', async () => {
  const { ids, holdId } = await beginHold('a', 'b', 'c', 'd');
  await decide(holdId, HoldEnd.RELEASED);
  const due = async () =>
    (await running.vault.listDueCredentials({ limit: 9, excludedProviderIds: [] })).due;
  await eventually(async () => {
    running.clock.advance(1_000);
    expect((await due()).length).toBeGreaterThan(0);
  });
  running.clock.advance(5 * minuteMs);
  await eventually(async () => expect(await due()).toHaveLength(4));
  for (const { credentialId } of await due()) await running.attempt(credentialId, 'refused');
  expect(await countOf(ids, CredentialStatus.DELAYED)).toBe(2);
  expect(await running.holds.listHolds({})).toMatchObject({ holds: [{ held: 2 }] });
  expect(expiredEvents()).toEqual(ids.slice(0, 2));
});

test('a person confirms a hold: each expires once', async () => {
  const { ids, holdId } = await beginHold('a', 'b', 'c', 'd');
  await decide(holdId, HoldEnd.CONFIRMED);
  await eventually(async () => expect(await countOf(ids, CredentialStatus.EXPIRED)).toBe(4));
  await eventually(() => expect(expiredEvents().sort()).toEqual([...ids].sort()));
  expect(await outcomes()).toEqual([0, 1, 0]);
});

test('the same decision again changes nothing, another one and one about no hold are refused by name', async () => {
  const { holdId } = await beginHold('a', 'b', 'c');
  await decide(holdId, HoldEnd.RELEASED);
  const again = await decide(holdId, HoldEnd.RELEASED, { decidedBy: 'Kim', reason: 'me too' });
  expect(again).toMatchObject({ decidedNow: false, decision: jo });
  await expect(decide(holdId, HoldEnd.CONFIRMED)).rejects.toMatchObject({
    code: 'HOLD_ENDED',
    message: expect.stringMatching(/was released at .* by Jo \(the status page says so\)/),
  });
  for (const unknown of ['orchard/our-client@2020-01-01T00:00:00.000Z', 'orchard', 'a/b@c']) {
    await expect(decide(unknown, HoldEnd.RELEASED)).rejects.toMatchObject({
      code: 'HOLD_NOT_FOUND',
    });
  }
  expect(await outcomes()).toEqual([1, 0, 0]);
});

test('a decision about an earlier hold does not touch a later one of the same client', async () => {
  const { holdId: first } = await beginHold('a', 'b', 'c');
  await decide(first, HoldEnd.RELEASED);
  const { holdId: second } = await beginHold('d', 'e', 'f');
  expect(second).not.toBe(first);
  expect(await decide(first, HoldEnd.RELEASED)).toMatchObject({ decidedNow: false });
  expect(await running.holds.listHolds({})).toMatchObject({ holds: [{ id: second }] });
});

test('of people and the end by time one decides, and everybody is told of that one', async () => {
  const { ids, holdId } = await beginHold('a', 'b', 'c', 'd');
  running.clock.advance(hourMs);
  const answers = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) =>
      decide(holdId, index % 2 === 0 ? HoldEnd.RELEASED : HoldEnd.CONFIRMED, {
        ...jo,
        decidedBy: `person ${index}`,
      }),
    ),
  );
  await eventually(async () =>
    expect((await running.holds.listHolds({})).decisions).toHaveLength(1),
  );
  const [decision] = (await running.holds.listHolds({})).decisions;
  expect((await outcomes()).reduce((sum, count) => sum + count)).toBe(1);
  for (const answer of answers) {
    if (answer.status === 'fulfilled') expect(answer.value.decision).toEqual(decision);
    else expect(answer.reason).toMatchObject({ code: 'HOLD_ENDED' });
  }
  const counted = decision?.end === HoldEnd.RELEASED ? 2 : 4;
  await eventually(async () => {
    expect(await running.metric('credential_vault_outages', {})).toBeUndefined();
    expect(await countOf(ids, CredentialStatus.EXPIRED)).toBe(counted);
  });
});

test.each([
  ['nobody', { decidedBy: '', reason: 'why' }],
  ['no reason', { decidedBy: 'Jo', reason: '' }],
  ['a line of a forged log', { decidedBy: 'Jo', reason: 'fine\n{"level":30}' }],
])('a decision of %s is refused', async (_, by) => {
  const { holdId } = await beginHold('a', 'b', 'c');
  await expect(decide(holdId, HoldEnd.RELEASED, by)).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  });
  expect((await running.holds.listHolds({})).holds).toHaveLength(1);
});

async function command(...args: string[]) {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '..', 'decide-holds.ts'), ...args],
    { env: { VAULT_ADDRESS: running.address } },
  );
  let told = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (told += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const [code] = await once(child, 'close');
  return { code, told, errors };
}

test('the command shows holds in a table, decides one, and says when it is too late', async () => {
  expect(await command('--list')).toEqual({ code: 0, told: 'Nothing is held.\n', errors: '' });
  const { holdId } = await beginHold('a', 'b', 'c', 'd');
  const listed = await command('--list');
  expect(listed.told.split('\n')[0]).toMatch(
    /^PROVIDER +CLIENT +SINCE +HELD +ENDS BY ITSELF +HOLD$/,
  );
  expect(listed.told).toMatch(/\norchard +our-client +\S+Z +2 +\S+Z +orchard\/our-client@\S+Z\n/);
  const release = ['--release', holdId, '--who', 'Jo', '--why', 'the status page says so'];
  expect((await command(...release)).told).toMatch(/dropped; the credentials are tried again/);
  expect((await command(...release)).told).toMatch(/^It was decided so before/);
  expect(await command('--confirm', holdId, '--who', 'Kim', '--why', 'no')).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/was released at .* by Jo/),
  });
  expect((await command('--list')).told).toMatch(
    /Nothing is held[\s\S]*released \S+Z by Jo: the status/,
  );
}, 60_000);

test.each([
  [{}, /exactly one thing/],
  [{ list: true, release: 'x' }, /exactly one thing/],
  [{ release: 'x', who: 'Jo' }, /needs --why/],
  [{ confirm: 'x' }, /needs --who and --why/],
])('%j is no command', (options, message) => {
  expect(() => readHoldCommand(options)).toThrow(message);
});

test('help tells how', async () => {
  expect(readHoldCommand({ help: true })).toMatch(/--release <hold>/);
  const write = vi.fn();
  await runHoldCommand({ kind: 'list' }, { vault: running.holds, write });
  expect(write).toHaveBeenCalledWith('Nothing is held.');
});
