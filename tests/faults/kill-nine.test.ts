import { createVisitor, type Visitor } from '@credential-renewal/demo-provider';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { createRpcClient } from '@credential-renewal/rpc';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDemoControls } from '../system/demo-controls.ts';
import { type StandaloneProcess, startStandaloneProcess } from '../system/standalone-process.ts';
import { findBrokenSequences, readEvents } from './event-history.ts';

const kills = 20;
const credentials = 200;
const perKill = credentials / kills;
const creators = ['ada', 'max', 'alma', 'olga'];
const settleMs = 60_000;

let standalone: StandaloneProcess;
let controls: ReturnType<typeof createDemoControls>;
const people = new Map<string, Visitor>();

type Source = {
  id: string;
  name: string;
  lastSyncedAt: string | null;
  credential: { status: string; episodeId: string | null };
};

beforeAll(async () => {
  standalone = await startStandaloneProcess({
    DEMO_SOURCES: 'false',
    WORKER_INTERVAL_MS: '50',
    SWEEP_INTERVAL_MS: '100',
    REFRESH_HTTP_TIMEOUT_MS: '1000',
    REFRESH_LEASE_MS: '2500',
    // Short, so that the rotating credential is refreshed about every second, also while it is being killed.
    DEMO_ACCESS_TOKEN_SECONDS: '3',
  });
  controls = createDemoControls(standalone.demoUrl);
  await Promise.all(
    creators.map(async (id) => {
      const person = createVisitor({ gatewayUrl: standalone.gatewayUrl });
      await person.signIn(id);
      people.set(id, person);
    }),
  );
}, 60_000);
afterAll(() => standalone.dispose());

const visitor = (id: string): Visitor => {
  const found = people.get(id);
  if (!found) throw new Error(`${id} has not signed in`);
  return found;
};

async function addSource(
  creator: string,
  connectorId: string,
  name: string,
  account: string,
): Promise<void> {
  const person = visitor(creator);
  const created = await person.call<{ authorization: { authorizationUrl: string } }>(
    'POST',
    '/api/v1/sources',
    {
      connectorId,
      name,
    },
  );
  const end = await person.authorize(created.authorization.authorizationUrl, { account });
  expect(end.searchParams.has('authorization')).toBe(true);
}

async function sourcesOf(creator: string): Promise<Source[]> {
  const { items, nextPageToken } = await visitor(creator).call<{
    items: Source[];
    nextPageToken: string | null;
  }>('GET', '/api/v1/my-sources?pageSize=200');
  expect(nextPageToken).toBeNull();
  return items;
}

const account = (index: number) => `person-${index}@orchard.example`;
const sourceName = (index: number) => `Doomed ${String(index).padStart(3, '0')}`;
const allSources = async () => (await Promise.all(creators.map(sourcesOf))).flat();
const withStatus = (sources: Source[], status: string) =>
  sources.filter(({ credential }) => credential.status === status);

test('twenty kill -9 while 200 credentials expire lose and double nothing, and a rotating credential survives them all', async () => {
  await addSource('ada', 'revolve-box', 'Survivor', 'survivor@revolve.example');
  const indexes = Array.from({ length: credentials }, (_, index) => index);
  const queue = indexes.values();
  await Promise.all(
    creators.map(async (creator) => {
      for (const index of queue)
        await addSource(creator, 'orchard-drive', sourceName(index), account(index));
    }),
  );
  expect(withStatus(await allSources(), 'healthy')).toHaveLength(credentials + 1);

  const moments: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    for (const index of indexes.slice(kill * perKill, (kill + 1) * perKill)) {
      expect(await controls.withdraw('orchard', account(index))).toEqual({ withdrawn: 1 });
    }
    const momentMs = Math.round(Math.random() * 600);
    moments.push(momentMs);
    // The random moment is the point of this test: a crash waits for no condition.
    await new Promise((killed) => setTimeout(killed, momentMs));
    await standalone.end('SIGKILL');
    await standalone.restart();
  }
  // Printed, so that a failure can be told from the moments that led to it.
  process.stdout.write(`killed ${moments.join(', ')} ms after the withdrawals\n`);

  await vi.waitFor(
    async () => expect(withStatus(await allSources(), 'expired')).toHaveLength(credentials),
    {
      timeout: settleMs,
      interval: 250,
    },
  );
  const dead = withStatus(await allSources(), 'expired');
  expect(new Set(dead.map(({ credential }) => credential.episodeId)).size).toBe(credentials);

  await expectSurvivor();
  await expectEachToldOnce(dead.map(({ credential }) => credential.episodeId ?? ''));

  await standalone.end('SIGTERM');
  const expired = await readEvents(standalone.dataDirectory, 'credential.expired');
  expect(expired).toHaveLength(credentials);
  expect(new Set(expired.map(({ data }) => data?.episodeId)).size).toBe(credentials);
  const states = await readEvents(standalone.dataDirectory, 'credential.state');
  expect(findBrokenSequences(states)).toEqual([]);
  const sourceStates = await readEvents(standalone.dataDirectory, 'source.credential-state');
  expect(findBrokenSequences(sourceStates)).toEqual([]);
}, 280_000);

/** It goes on being synced with tokens it gets now: not only its status says that it lives. */
async function expectSurvivor(): Promise<void> {
  const survivor = async () => (await sourcesOf('ada')).find(({ name }) => name === 'Survivor');
  const before = await survivor();
  await vi.waitFor(
    async () => {
      const now = await survivor();
      expect(now?.credential.status).toBe('healthy');
      expect(Date.parse(now?.lastSyncedAt ?? '')).toBeGreaterThan(
        Date.parse(before?.lastSyncedAt ?? '') + 5_000,
      );
    },
    { timeout: settleMs, interval: 250 },
  );
}

/**
 * The first two mails of a recipient go out alone and the rest as a digest at the end of the window: each episode was told of
 * in one mail. A digest may count sources instead of naming each, so the mails' own list of episodes is compared.
 */
async function expectEachToldOnce(episodeIds: readonly string[]): Promise<void> {
  await controls.advanceClock(16 * 60);
  const notification = createRpcClient(
    NotificationServiceService,
    standalone.address('notification'),
    { deadlineMs: 5_000 },
  );
  try {
    await vi.waitFor(
      async () => {
        const { mails } = await notification.listMails({ pageSize: 200, pageToken: '', to: '' });
        expect(mails.every(({ subject }) => subject === 'Credentials expired in source')).toBe(
          true,
        );
        expect(mails.flatMap((mail) => mail.episodeIds).sort()).toEqual([...episodeIds].sort());
      },
      { timeout: settleMs, interval: 500 },
    );
  } finally {
    notification.close();
  }
}
