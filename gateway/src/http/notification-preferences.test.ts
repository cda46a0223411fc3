import { MailTiming } from '@credential-renewal/proto/notification/v1/preferences';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ids } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());

const path = '/api/v1/me/notification-preferences';

function put(body: unknown, as = ids.creator, headers: Record<string, string> = {}) {
  return world.fetch(path, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    as,
  });
}

test('who never chose is told at once and reminded', async () => {
  const response = await world.fetch(path, { as: ids.member });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    ...{ timing: 'immediate', reminders: true, complainedAt: null },
  });
});

test.each([
  ['immediate', MailTiming.IMMEDIATE],
  ['daily_digest', MailTiming.DAILY_DIGEST],
  ['in_app_only', MailTiming.IN_APP_ONLY],
] as const)('%s is chosen for oneself alone', async (timing, stored) => {
  const response = await put({ timing, reminders: false });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ timing, reminders: false, complainedAt: null });
  expect(world.notification.chosen.get(ids.creator)).toEqual({ timing: stored, reminders: false });
  expect([...world.notification.chosen.keys()]).toEqual([ids.creator]);
  expect(await (await world.fetch(path, { as: ids.creator })).json()).toEqual({
    ...{ timing, reminders: false, complainedAt: null },
  });
});

test('when somebody marked a mail as spam is shown, and cannot be chosen', async () => {
  const complainedAt = new Date(Date.UTC(2026, 4, 3));
  const chosen = { timing: MailTiming.IMMEDIATE, reminders: false, complainedAt };
  world.notification.chosen.set(ids.creator, chosen);
  expect(await (await world.fetch(path, { as: ids.creator })).json()).toEqual({
    ...{ timing: 'immediate', reminders: false, complainedAt: '2026-05-03T00:00:00.000Z' },
  });
  expect((await put({ timing: 'immediate', reminders: false, complainedAt: null })).status).toBe(
    400,
  );
});

test.each([
  ['an unknown timing', { timing: 'hourly', reminders: true }, '/timing'],
  ['a missing choice', { timing: 'immediate' }, '/reminders'],
  ['a text for a yes', { timing: 'immediate', reminders: 'yes' }, '/reminders'],
  ['somebody else', { timing: 'immediate', reminders: true, userId: ids.member }, '/userId'],
])('%s is refused by its pointer, and nothing is changed', async (_what, body, pointer) => {
  const before = world.notification.chosen.get(ids.creator);
  const response = await put(body);
  expect(response.status).toBe(400);
  const { code, errors } = (await response.json()) as {
    code: string;
    errors: { pointer: string }[];
  };
  expect(code).toBe('INPUT_INVALID');
  expect(errors.map((error) => error.pointer)).toContain(pointer);
  expect(world.notification.chosen.get(ids.creator)).toBe(before);
});

test('a page of another site cannot choose, and nobody who is not signed in can', async () => {
  const foreign = await put({ timing: 'in_app_only', reminders: false }, ids.creator, {
    origin: 'https://evil.example',
  });
  expect(foreign.status).toBe(403);
  expect((await world.fetch(path)).status).toBe(401);
});
