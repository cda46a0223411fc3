import type { ServerResponse } from 'node:http';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { expect, test, vi } from 'vitest';
import { type BrokerProcess, startBrokerProcess } from './broker-process.ts';
import { authorize } from './first-authorization.ts';
import { expectAllRefreshed, readTopic, statesOf, waiting } from './refresh-expectations.ts';
import { leaseTtlMs, type RefreshWorld, startRefreshWorld } from './refresh-world.ts';

const hourMs = 3_600_000;
const patient = { timeout: 120_000 };

/** The provider has rotated and answered, and the holder was paused before it could hear that. */
async function pauseHolder(world: RefreshWorld): Promise<BrokerProcess> {
  const { provider, clock } = world;
  const holder = await startBrokerProcess(world);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  provider.beforeAnswer = async (_grant, response: ServerResponse) => {
    provider.beforeAnswer = undefined;
    response.once('finish', answered.resolve);
    asked.resolve();
    await answer.promise;
  };
  clock.advance(hourMs);
  await asked.promise;
  holder.pause();
  answer.resolve();
  await answered.promise;
  return holder;
}

/** The holder comes back, and the vault answers what it brings. */
async function resume(holder: BrokerProcess): Promise<void> {
  expect(holder.between.answered('completeAttempt')).toBe(0);
  holder.resume();
  await vi.waitFor(
    () => expect(holder.between.answered('completeAttempt')).toBeGreaterThan(0),
    waiting,
  );
}

/** What is stored lives: it can be refreshed once more. */
async function expectAlive(world: RefreshWorld): Promise<void> {
  await expectAllRefreshed(world);
  world.clock.advance(hourMs);
  await expectAllRefreshed(world);
  expect(world.provider.killed()).toEqual([]);
}

async function storedToken({ vault, credentials: [credentialId = ''] }: RefreshWorld) {
  const { tokenHash } = await vault.readAccessToken({ credentialId });
  return tokenHash;
}

/** From now on the provider does what it is asked, and the connection breaks before its answer. */
function loseAnswers({ provider }: RefreshWorld): void {
  provider.beforeAnswer = async (_grant, response) => void response.destroy();
}

test(
  'the late answer of a paused holder is accepted when the other broker had no answer',
  patient,
  async () => {
    await using world = await startRefreshWorld({ credentials: 1, graceSeconds: 900 });
    const holder = await pauseHolder(world);
    loseAnswers(world);
    world.clock.advance(leaseTtlMs + 1);
    const other = await world.startBroker();
    await vi.waitFor(
      () => expect(other.between.answered('completeAttempt')).toBeGreaterThan(0),
      waiting,
    );
    await resume(holder);
    // Answers are still being lost, so these are the holder's.
    await expectAllRefreshed(world);
    world.provider.beforeAnswer = undefined;
    await expectAlive(world);
  },
);

test(
  'the late answer of a paused holder closes the verdict of a lost rotation as recovered',
  patient,
  async () => {
    await using world = await startRefreshWorld({
      ...{ credentials: 1, graceSeconds: 0, spentTokens: 'are_refused' },
    });
    const holder = await pauseHolder(world);
    world.clock.advance(leaseTtlMs + 1);
    await world.startBroker();
    await vi.waitFor(async () => {
      const [state] = await statesOf(world);
      expect(state?.status).toBe(CredentialStatus.EXPIRED);
      expect(state?.reason?.code).toBe('lost_rotation');
    }, waiting);
    const [dead] = await statesOf(world);
    await resume(holder);
    await expectAlive(world);
    await vi.waitFor(async () => {
      const renewed = await readTopic(world.eventLog, 'credential.renewed');
      expect(renewed.map(({ data }) => data)).toEqual([
        expect.objectContaining({ episodeId: dead?.episodeId, cause: 'CAUSE_RECOVERED' }),
      ]);
    }, waiting);
  },
);

test(
  'the late answer of a paused holder is kept beside the tokens that the other broker got meanwhile',
  patient,
  async () => {
    await using world = await startRefreshWorld({ credentials: 1, graceSeconds: 900 });
    const holder = await pauseHolder(world);
    world.clock.advance(leaseTtlMs + 1);
    await world.startBroker();
    await expectAllRefreshed(world);
    const stored = await storedToken(world);
    await resume(holder);
    expect(await storedToken(world)).toBe(stored);
    await expectAlive(world);
  },
);

test(
  'the late answer of a paused holder is rejected when a person has renewed meanwhile',
  patient,
  async () => {
    await using world = await startRefreshWorld({ credentials: 1, graceSeconds: 900 });
    const holder = await pauseHolder(world);
    const { vault, provider } = world;
    const renewal = { vault, provider, graceSeconds: 900, lifeSeconds: 3_600, person: 'grant-0' };
    expect([await authorize(renewal)]).toEqual(world.credentials);
    const stored = await storedToken(world);
    await resume(holder);
    expect(await storedToken(world)).toBe(stored);
    await expectAlive(world);
    expect(provider.asked().at(-1)).toBe('grant-1');
  },
);
