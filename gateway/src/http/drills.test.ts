import { SourceDrillEnd } from '@credential-renewal/proto/events/v1/drill';
import type {
  Drill,
  RecordReactionRequest,
  StartDrillRequest,
} from '@credential-renewal/proto/source_registry/v1/drills';
import { DomainError } from '@credential-renewal/runtime';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ids, sampleSource } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

const drillId = '01900000-0000-7000-8000-0000000000f1';
const startedAt = new Date('2026-05-01T10:00:00Z');
const endsAt = new Date('2026-05-08T10:00:00Z');

function aDrill(more: Partial<Drill> = {}): Drill {
  return {
    ...{ id: drillId, startedAt, endsAt, endedAt: undefined, end: SourceDrillEnd.UNSPECIFIED },
    startedBy: { id: ids.admin, name: 'User 2' },
    recipients: [{ user: { id: ids.creator, name: 'User 1' }, reactedAt: undefined }],
    ...more,
  };
}

let world: GatewayWorld;
const started: StartDrillRequest[] = [];
const ended: RecordReactionRequest[] = [];
const reactions: RecordReactionRequest[] = [];
let refusal: DomainError | undefined;

beforeAll(async () => {
  world = await startGatewayWorld({
    registry: {
      async startDrill(request) {
        if (refusal) throw refusal;
        started.push(request);
        return { drill: aDrill() };
      },
      async listDrills() {
        const reactedAt = new Date('2026-05-01T10:04:00Z');
        const recipients = [{ user: { id: ids.creator, name: 'User 1' }, reactedAt }];
        const end = SourceDrillEnd.ALL_REACTED;
        return { drills: [aDrill(), aDrill({ end, endedAt: reactedAt, recipients })] };
      },
      async recordReaction(request) {
        if (refusal) throw refusal;
        reactions.push(request);
        return {};
      },
      async endDrill(request) {
        ended.push(request);
        return { drill: aDrill() };
      },
      async getSource({ callerUserId }) {
        const isTold = callerUserId === ids.creator;
        const drill = isTold ? { id: drillId, startedAt, startedBy: 'User 2' } : undefined;
        return { source: sampleSource({ drill }) };
      },
    },
  });
});
afterAll(() => world.stop());
beforeEach(() => {
  refusal = undefined;
  for (const calls of [started, ended, reactions]) calls.length = 0;
});

const places = [
  [`/api/v1/sources/${ids.source}`, { $case: 'sourceId', value: ids.source }],
  [
    `/api/v1/authorized-connections/${ids.connection}`,
    { $case: 'authorizedConnectionId', value: ids.connection },
  ],
] as const;

test.each(places)('a drill is started, reacted to and ended at %s', async (path, use) => {
  const start = await world.fetch(`${path}/drills`, { method: 'POST', as: ids.admin });
  expect(start.status).toBe(201);
  expect(await start.json()).toEqual({
    ...{ id: drillId, startedAt: startedAt.toISOString(), endsAt: endsAt.toISOString() },
    ...{ startedBy: { id: ids.admin, name: 'User 2' }, endedAt: null, end: null },
    recipients: [{ user: { id: ids.creator, name: 'User 1' }, reactedAt: null }],
  });
  expect(started).toEqual([{ callerUserId: ids.admin, use }]);

  const reactionPath = `${path}/drills/${drillId}/reactions`;
  const reaction = await world.fetch(reactionPath, { method: 'POST', as: ids.creator });
  expect(reaction.status).toBe(204);
  expect(reactions).toEqual([{ callerUserId: ids.creator, use, drillId }]);

  const end = await world.fetch(`${path}/drills/${drillId}`, { method: 'DELETE', as: ids.admin });
  expect(end.status).toBe(204);
  expect(ended).toEqual([{ callerUserId: ids.admin, use, drillId }]);
  // The broker had no part in any of it.
  expect(world.broker.renewals).toEqual([]);
});

test('the report says who reacted when', async () => {
  const response = await world.fetch(`${places[0][0]}/drills`, { as: ids.admin });
  const { items } = (await response.json()) as { items: unknown[] };
  expect(items).toMatchObject([
    { end: null, recipients: [{ reactedAt: null }] },
    {
      end: 'all_reacted',
      endedAt: '2026-05-01T10:04:00.000Z',
      recipients: [{ user: { name: 'User 1' }, reactedAt: '2026-05-01T10:04:00.000Z' }],
    },
  ]);
});

test('who is told sees the drill at the source, and nobody else does', async () => {
  const seen = async (as: string) =>
    (await (await world.fetch(`/api/v1/sources/${ids.source}`, { as })).json()) as {
      drill: unknown;
      canRenew: boolean;
    };
  expect(await seen(ids.creator)).toMatchObject({
    drill: { id: drillId, startedAt: startedAt.toISOString(), startedBy: 'User 2' },
  });
  expect(await seen(ids.admin)).toMatchObject({ drill: null });
});

test.each([
  ['permission_denied', 'ADMINISTRATOR_REQUIRED', 403],
  ['failed_precondition', 'DRILL_RUNNING', 409],
  ['not_found', 'SOURCE_NOT_FOUND', 404],
] as const)('%s of the registry is told by its status', async (kind, code, status) => {
  refusal = new DomainError(kind, code, 'It is refused.');
  const response = await world.fetch(`${places[0][0]}/drills`, { method: 'POST', as: ids.admin });
  expect(response.status).toBe(status);
  expect(((await response.json()) as { code: string }).code).toBe(code);
});

test('a page of another site can neither start a drill nor react', async () => {
  for (const path of [`${places[0][0]}/drills`, `${places[0][0]}/drills/${drillId}/reactions`]) {
    const headers = { origin: 'https://evil.example' };
    const response = await world.fetch(path, { method: 'POST', as: ids.admin, headers });
    expect(response.status).toBe(403);
  }
  expect([...started, ...reactions]).toEqual([]);
});
