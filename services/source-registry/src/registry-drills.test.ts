import type { CloudEvent } from '@credential-renewal/events';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { SourceDrill, SourceDrillEnd } from '@credential-renewal/proto/events/v1/drill';
import type { Drill } from '@credential-renewal/proto/source_registry/v1/drills';
import {
  SetWorkspaceMemberRequest_Membership as Membership,
  Role,
  type Source,
  type User,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  addConnection,
  addSource,
  addWorkspace,
  present,
  type RegistryHarness,
  signIn,
  startRegistryHarness,
  stateOf,
} from './registry-harness.ts';

let registry: RegistryHarness;
let alma: User;
let ada: User;
const published: CloudEvent[] = [];
beforeAll(async () => {
  registry = await startRegistryHarness();
  await registry.eventLog.tail({
    topics: ['source.drill', 'source.credential-state', 'credential.expired'],
    from: 'start',
    handle: ({ event }) => void published.push(event),
  });
  alma = await signIn(registry, 'Alma', { role: Role.ADMIN });
  ada = await signIn(registry, 'Ada');
});
afterAll(() => registry.stop());

const code = (expected: string) => expect.objectContaining({ code: expected });
const ofSource = (value: string) => ({ $case: 'sourceId', value }) as const;
const ofConnection = (value: string) => ({ $case: 'authorizedConnectionId', value }) as const;

/** A source of Ada's that works. */
async function livingSource(by = ada, more: Parameters<typeof addSource>[2] = {}): Promise<Source> {
  const source = await addSource(registry, by, more);
  const state = stateOf(by, crypto.randomUUID(), 1);
  await registry.rpc.attachCredential({ use: ofSource(source.id), state });
  return source;
}

async function start(source: Source, by = alma): Promise<Drill> {
  const use = ofSource(source.id);
  return present((await registry.drills.startDrill({ callerUserId: by.id, use })).drill);
}

const react = (source: Source, drill: Drill, by: User) =>
  registry.drills.recordReaction({
    callerUserId: by.id,
    use: ofSource(source.id),
    drillId: drill.id,
  });

const see = async (source: Source, by: User) =>
  present((await registry.rpc.getSource({ callerUserId: by.id, sourceId: source.id })).source);

async function report(source: Source): Promise<Drill> {
  const use = ofSource(source.id);
  const { drills } = await registry.drills.listDrills({ callerUserId: alma.id, use });
  return present(drills[0]);
}

const eventsOf = (useId: string, topic: string) =>
  published.filter((event) => event.type === topic && event.partitionkey === useId);

async function drillEvents(useId: string, count: number): Promise<SourceDrill[]> {
  return vi.waitFor(
    () => {
      const events = eventsOf(useId, 'source.drill');
      expect(events.map(({ sequence }) => Number(sequence))).toEqual(
        Array.from({ length: count }, (_, index) => index + 1),
      );
      return events.map(({ data }) => SourceDrill.fromJSON(data));
    },
    { timeout: 10_000 },
  );
}

test('a drill runs from its start over the reaction to its report, and touches nothing else', async () => {
  const source = await livingSource();
  const before = await see(source, ada);
  const statesBefore = eventsOf(source.id, 'source.credential-state').length;
  const startedAtMs = registry.clock.nowMs();
  const drill = await start(source);
  expect(drill).toMatchObject({
    startedBy: { id: alma.id, name: 'Alma' },
    end: SourceDrillEnd.UNSPECIFIED,
    endedAt: undefined,
    recipients: [{ user: { id: ada.id, name: 'Ada' }, reactedAt: undefined }],
  });
  const lifetimeMs = present(drill.endsAt).getTime() - present(drill.startedAt).getTime();
  expect(lifetimeMs).toBe(7 * 24 * 60 * 60_000);

  // Who is told sees the marked button; who started it sees the report alone.
  const waiting = await see(source, ada);
  expect(waiting.drill).toMatchObject({ id: drill.id, startedBy: 'Alma' });
  expect({ ...waiting, drill: undefined }).toEqual({ ...before, drill: undefined });
  expect((await see(source, alma)).drill).toBeUndefined();

  registry.clock.advance(90_000);
  await react(source, drill, ada);
  const after = await report(source);
  expect(after).toMatchObject({ id: drill.id, end: SourceDrillEnd.ALL_REACTED });
  const reactedAtMs = present(after.recipients[0]?.reactedAt).getTime();
  expect(reactedAtMs - startedAtMs).toBeGreaterThanOrEqual(90_000);
  expect((await see(source, ada)).drill).toBeUndefined();
  expect(await see(source, ada)).toEqual(before);

  const events = await drillEvents(source.id, 2);
  expect(events.map(({ version, end }) => [version, end])).toEqual([
    [1, SourceDrillEnd.UNSPECIFIED],
    [2, SourceDrillEnd.ALL_REACTED],
  ]);
  expect(eventsOf(source.id, 'source.credential-state')).toHaveLength(statesBefore);
  expect(published.filter(({ type }) => type === 'credential.expired')).toEqual([]);

  const { entries } = await registry.rpc.listAuditEntries({
    ...{ callerUserId: ada.id, subject: ofSource(source.id), pageSize: 2, pageToken: '' },
  });
  expect(entries.map(({ action, actorName }) => [action, actorName])).toEqual([
    ['drill.reacted', 'Ada'],
    ['drill.started', 'Alma'],
  ]);
});

test('a repeated reaction keeps the first, also after the end', async () => {
  const source = await livingSource();
  const drill = await start(source);
  await react(source, drill, ada);
  const { recipients } = await report(source);
  registry.clock.advance(5_000);
  await react(source, drill, ada);
  expect((await report(source)).recipients).toEqual(recipients);
  await drillEvents(source.id, 2);
});

test('only an administrator rehearses, sees the report and ends it; nobody of another account knows of it', async () => {
  const source = await livingSource();
  const use = ofSource(source.id);
  await expect(start(source, ada)).rejects.toEqual(code('ADMINISTRATOR_REQUIRED'));
  const drill = await start(source);
  const asAda = { callerUserId: ada.id, use };
  await expect(registry.drills.listDrills(asAda)).rejects.toEqual(code('ADMINISTRATOR_REQUIRED'));
  await expect(registry.drills.endDrill({ ...asAda, drillId: drill.id })).rejects.toEqual(
    code('ADMINISTRATOR_REQUIRED'),
  );
  const foreign = await signIn(registry, 'Eve', { role: Role.ADMIN, account: 'other' });
  await expect(start(source, foreign)).rejects.toEqual(code('SOURCE_NOT_FOUND'));
  await expect(react(source, drill, foreign)).rejects.toEqual(code('SOURCE_NOT_FOUND'));
  // An administrator who was not told has nothing to react to.
  await expect(react(source, drill, alma)).rejects.toEqual(code('DRILL_NOT_FOR_CALLER'));
  const unknown = { ...drill, id: crypto.randomUUID() };
  await expect(react(source, unknown, ada)).rejects.toEqual(code('DRILL_NOT_FOUND'));
});

test('one runs at a time, however many begin it at once', async () => {
  const source = await livingSource();
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => start(source)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toEqual(code('DRILL_RUNNING'));
  await drillEvents(source.id, 1);
});

test('an administrator ends it, and then nobody reacts and the next may begin', async () => {
  const source = await livingSource();
  const drill = await start(source);
  const stop = () =>
    registry.drills.endDrill({
      ...{ callerUserId: alma.id, use: ofSource(source.id), drillId: drill.id },
    });
  expect((await stop()).drill).toMatchObject({ end: SourceDrillEnd.STOPPED });
  const { drill: again } = await stop();
  expect(again).toEqual(await report(source));
  await expect(react(source, drill, ada)).rejects.toEqual(code('DRILL_OVER'));
  expect((await see(source, ada)).drill).toBeUndefined();
  await start(source);
  await drillEvents(source.id, 3);
});

test('what never worked, or has expired for real, is not rehearsed', async () => {
  const pending = await addSource(registry, ada);
  await expect(start(pending)).rejects.toEqual(code('DRILL_NEEDS_WORKING_CREDENTIAL'));
  const source = await addSource(registry, ada);
  const expired = { status: CredentialStatus.EXPIRED, episodeId: 'episode' };
  const state = stateOf(ada, 'cred-expired', 1, expired);
  await registry.rpc.attachCredential({ use: ofSource(source.id), state });
  await expect(start(source)).rejects.toEqual(code('DRILL_NEEDS_WORKING_CREDENTIAL'));
});

test('a real expiry ends it in the very write that turns the source red', async () => {
  const source = await addSource(registry, ada);
  await registry.rpc.attachCredential({
    use: ofSource(source.id),
    state: stateOf(ada, 'cred-real', 1),
  });
  await start(source);
  const expired = { status: CredentialStatus.EXPIRED, episodeId: 'episode' };
  const state = stateOf(ada, 'cred-real', 2, expired);
  await registry.rpc.applyCredentialState({ state, accountSwitched: false });
  const seen = await see(source, ada);
  expect(seen.credential?.status).toBe(CredentialStatus.EXPIRED);
  expect(seen.drill).toBeUndefined();
  expect(await report(source)).toMatchObject({ end: SourceDrillEnd.REAL_EXPIRY });
  expect((await drillEvents(source.id, 2)).at(-1)?.end).toBe(SourceDrillEnd.REAL_EXPIRY);
});

test('a source that is disconnected ends it', async () => {
  const source = await livingSource();
  await start(source);
  await registry.rpc.deleteSource({ callerUserId: ada.id, sourceId: source.id });
  expect((await drillEvents(source.id, 2)).at(-1)?.end).toBe(SourceDrillEnd.DISCONNECTED);
});

test('of a source that a connection backs, the keepers of the connection are told, and the button is the connection’s', async () => {
  const max = await signIn(registry, 'Max', { role: Role.ADMIN });
  const connection = await addConnection(registry, alma);
  await registry.rpc.attachCredential({
    use: ofConnection(connection.id),
    state: stateOf(alma, 'cred-connection', 1),
  });
  const source = await addSource(registry, ada, { authorizedConnectionId: connection.id });
  const drill = await start(source, max);
  expect(drill.recipients.map(({ user }) => user?.name)).toEqual(['Alma']);
  for (const user of [ada, alma]) expect((await see(source, user)).drill).toBeUndefined();
  const { authorizedConnection } = await registry.rpc.getAuthorizedConnection({
    callerUserId: alma.id,
    authorizedConnectionId: connection.id,
  });
  expect(authorizedConnection?.drill?.id).toBe(drill.id);
  // Both lead to the same one.
  await expect(start(source, max)).rejects.toEqual(code('DRILL_RUNNING'));
  await registry.drills.recordReaction({
    ...{ callerUserId: alma.id, use: ofConnection(connection.id), drillId: drill.id },
  });
  expect(await report(source)).toMatchObject({ id: drill.id, end: SourceDrillEnd.ALL_REACTED });
  expect((await drillEvents(connection.id, 2))[0]).toMatchObject({
    authorizedConnectionId: connection.id,
    sourceId: undefined,
  });
});

test('where the creator has left, their successors are told and see the button', async () => {
  const leaver = await signIn(registry, 'Lea');
  const workspace = await addWorkspace(registry, ada);
  const membership = { callerUserId: ada.id, workspaceId: workspace.id, userId: leaver.id };
  await registry.rpc.setWorkspaceMember({ ...membership, membership: Membership.MEMBER });
  const source = await livingSource(leaver, { workspaceId: workspace.id });
  await registry.rpc.setUserLeft({ callerUserId: alma.id, userId: leaver.id, left: true });
  const drill = await start(source);
  expect(drill.recipients.map(({ user }) => user?.name)).toEqual(['Ada']);
  expect((await see(source, ada)).drill?.id).toBe(drill.id);
});

test('after a week it ends by itself, once, with several sweeps and a restart', async () => {
  const source = await livingSource();
  const drill = await start(source);
  registry.clock.advance(7 * 24 * 60 * 60_000 - 60_000);
  expect((await see(source, ada)).drill?.id).toBe(drill.id);
  registry.clock.advance(61_000);
  await expect(react(source, drill, ada)).rejects.toEqual(code('DRILL_OVER'));
  await registry.restart();
  await vi.waitFor(
    async () => expect(await report(source)).toMatchObject({ end: SourceDrillEnd.TIME_OVER }),
    { timeout: 10_000 },
  );
  expect((await see(source, ada)).drill).toBeUndefined();
});
