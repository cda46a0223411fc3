import { buildEvent, type CloudEvent } from '@credential-renewal/events';
import { SourceDrill, SourceDrillEnd } from '@credential-renewal/proto/events/v1/drill';
import {
  type DescribeCredentialUsesResponse,
  SourceRegistryServiceService,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcClient } from '@credential-renewal/rpc';
import { expect, onTestFinished, test } from 'vitest';
import { createMailboxTransport } from '../sending/mailbox-transport.ts';
import { createSender } from '../sending/sender.ts';
import { mailContext } from '../testing/deliveries.ts';
import { emptySqliteStores } from '../testing/empty-stores.ts';
import { ann, connectionUse, describe, sourceUse, startMs } from '../testing/fixtures.ts';
import { recordingLogger, standingClock, startFakeRegistry } from '../testing/start-room.ts';
import { createDrillHandler } from './drill-handler.ts';

const bob = { ...ann, userId: 'user-bob', name: 'Bob', email: 'bob@example.com' };
const at = (ms: number) => new Date(startMs + ms);

type Changes = Parameters<typeof SourceDrill.fromPartial>[0];

function drillEvent(version: number, changes: Changes = {}): CloudEvent {
  const drill = SourceDrill.fromPartial({
    ...{ drillId: 'drill-1', accountId: 'account-1', credentialId: 'credential-1' },
    ...{ sourceId: 'one', name: 'Name of one', providerName: 'Google', version },
    ...{ startedBy: 'user-admin', startedAt: at(0), endsAt: at(7 * 24 * 3_600_000) },
    recipients: [{ userId: 'user-ann' }],
    ...changes,
  });
  const key = drill.sourceId ?? drill.authorizedConnectionId ?? '';
  return buildEvent({
    ...{ source: '/source-registry', topic: 'source.drill', subject: key, key },
    ...{ sequence: version, schema: 'SourceDrill', data: SourceDrill.toJSON(drill) },
    nowMs: startMs,
  });
}

const stopped = (version: number, changes: Changes = {}) =>
  drillEvent(version, { endedAt: at(60_000), end: SourceDrillEnd.STOPPED, ...changes });

/** The handler and the sender over a real store and a real gRPC registry. */
async function startDrills(answer: () => DescribeCredentialUsesResponse) {
  const clock = standingClock(startMs);
  const { logger } = recordingLogger();
  const fake = await startFakeRegistry(answer);
  const registry = createRpcClient(SourceRegistryServiceService, fake.address, {
    deadlineMs: 5_000,
  });
  const empty = await emptySqliteStores({ clock, logger });
  const { notifications: store, mailbox, preferences, close } = await empty.open();
  onTestFinished(async () => {
    registry.close();
    await close();
    await empty.dispose();
  });
  const deps = { store, preferences, registry, clock, logger };
  const handle = createDrillHandler({
    ...{ ...deps, digestWindowMs: 900_000, dailyDigestHourUtc: 6, onChanged: () => undefined },
  });
  return {
    ...{ clock, store, handle },
    send: createSender({
      ...{ ...deps, transport: createMailboxTransport({ mailbox, clock }), random: () => 0.5 },
      contextOf: () => mailContext,
    }),
    mails: () => mailbox.list({ to: undefined, after: undefined, limit: 100 }),
  };
}

test('each person is told once, with the mark, however often the event comes', async () => {
  const loop = await startDrills(() =>
    describe(sourceUse('one', [ann, bob]), sourceUse('two', [ann])),
  );
  const recipients = [{ userId: 'user-ann' }, { userId: 'user-bob' }];
  await Promise.all(Array.from({ length: 50 }, () => loop.handle(drillEvent(1, { recipients }))));
  await loop.send();
  await loop.handle(drillEvent(1, { recipients }));
  await loop.send();
  const mails = await loop.mails();
  expect(mails.map(({ to }) => to.address).sort()).toEqual(['ann@example.com', 'bob@example.com']);
  for (const mail of mails) {
    expect(mail.subject).toBe('[Drill] Credentials expired in source');
    expect(mail.kind).toBe('drill');
    expect(mail.text).toContain('Name of one');
    // Another source on the same credential has no part in it.
    expect(mail.text).not.toContain('Name of two');
  }
});

test('only those whom the drill names are told', async () => {
  const loop = await startDrills(() => describe(sourceUse('one', [ann, bob])));
  await loop.handle(drillEvent(1));
  await loop.send();
  expect((await loop.mails()).map(({ to }) => to.address)).toEqual(['ann@example.com']);
});

test('a drill of a connection is about the connection', async () => {
  const loop = await startDrills(() =>
    describe(connectionUse('connection', [ann]), sourceUse('one', [ann])),
  );
  const on = { sourceId: undefined, authorizedConnectionId: 'connection' };
  await loop.handle(drillEvent(1, on));
  await loop.send();
  const [mail] = await loop.mails();
  expect(mail?.text).toContain('/authorized-connections?connection=connection&drill=drill-1');
});

test('its end before the mail went out cancels it', async () => {
  const loop = await startDrills(() => describe(sourceUse('one')));
  await loop.handle(drillEvent(1));
  await loop.handle(stopped(2));
  await loop.send();
  expect(await loop.mails()).toEqual([]);
  expect(await loop.store.count()).toEqual([{ kind: 'drill', state: 'cancelled', count: 1 }]);
});

test('a reaction before the mail went out cancels it for that person alone', async () => {
  const loop = await startDrills(() => describe(sourceUse('one', [ann, bob])));
  const recipients = [{ userId: 'user-ann' }, { userId: 'user-bob' }];
  await loop.handle(drillEvent(1, { recipients }));
  await loop.handle(
    drillEvent(2, { recipients: [{ userId: 'user-ann', reactedAt: at(1) }, recipients[1] ?? {}] }),
  );
  await loop.send();
  expect((await loop.mails()).map(({ to }) => to.address)).toEqual(['bob@example.com']);
});

test('what comes after the end, a replay too, tells nobody', async () => {
  const loop = await startDrills(() => describe(sourceUse('one')));
  await loop.handle(stopped(2));
  await loop.handle(drillEvent(1));
  await loop.send();
  expect(await loop.mails()).toEqual([]);
});

test('an event that comes after its time tells nobody', async () => {
  const loop = await startDrills(() => describe(sourceUse('one')));
  loop.clock.advance(8 * 24 * 3_600_000);
  await loop.handle(drillEvent(1));
  await loop.send();
  expect(await loop.mails()).toEqual([]);
});

test('a drill leaves the watch over the credential itself alone', async () => {
  const loop = await startDrills(() => describe(sourceUse('one')));
  await loop.handle(drillEvent(1));
  expect(await loop.store.getCredential('credential-1')).toBeUndefined();
  expect(await loop.store.listOpenOfCredential('credential-1')).toEqual([]);
});
