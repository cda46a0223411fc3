import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConsumer } from './consumer.ts';
import { openEmbeddedEventLog } from './embedded-event-log.ts';
import { EventUnreadableError } from './errors.ts';
import type { EventLog, LoggedEvent } from './event-log.ts';
import { sampleEvent } from './sample-event.ts';

const group = 'notification';
const main = new URL('./replay-dead-letters.main.ts', import.meta.url).pathname;
const logger = createLogger({ service: 'test', level: 'silent' });
let directory: string;
let log: EventLog;
const open = () => openEmbeddedEventLog({ directory, clock: systemClock, logger });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'replay-'));
  log = await open();
});
afterEach(async () => {
  await log.close();
  rmSync(directory, { recursive: true });
});

function replay(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    env: { EVENT_LOG_URL: `embedded:${directory}` },
    encoding: 'utf8',
  });
  return { status, lines: stdout.trim().split('\n'), stderr: stderr.trim() };
}

async function makeDeadLetters(count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, index) => sampleEvent(`key-${index}`, 1));
  await log.publish(events);
  const consumer = await createConsumer({
    ...{ eventLog: log, group, topics: ['credential.expired'], logger },
    async handle() {
      throw new EventUnreadableError('not yet');
    },
  });
  await vi.waitFor(
    async () => expect(await log.lag(group)).toMatchObject({ 'credential.expired': 0 }),
    { interval: 5 },
  );
  await consumer.stop();
  await log.close();
}

test('dead letters are listed, replayed in portions, and each reaches the handler once', {
  timeout: 60_000,
}, async () => {
  await makeDeadLetters(3);
  const listed = replay('--group', group, '--list');
  expect(listed).toMatchObject({ status: 0, stderr: '' });
  expect(listed.lines).toHaveLength(4);
  expect(listed.lines[0]).toMatch(
    /^partition \d, offset \d+: credential\.expired of key-\d, event [0-9a-f-]{36}, from credential\.expired, partition \d, offset \d+: EventUnreadableError/,
  );
  expect(listed.lines[3]).toBe('3 dead letters of notification wait, 0 of them cannot be read');
  expect(replay('--group', group, '--limit', '2').lines).toHaveLength(3);
  expect(replay('--group', group).lines).toHaveLength(2);
  expect(replay('--group', group).lines).toHaveLength(1);

  log = await open();
  const handled: LoggedEvent[] = [];
  const seenByOthers: LoggedEvent[] = [];
  const consume = (name: string, into: LoggedEvent[]) =>
    createConsumer({
      ...{ eventLog: log, group: name, topics: ['credential.expired'], logger },
      handle: async (logged) => void into.push(logged),
    });
  await consume(group, handled);
  await consume('source-registry', seenByOthers);
  await vi.waitFor(() => expect(handled).toHaveLength(3), { interval: 5 });
  await vi.waitFor(() => expect(seenByOthers).toHaveLength(3), { interval: 5 });
  expect(handled.map(({ topic }) => topic)).toEqual(Array(3).fill('notification.replay'));
  expect(seenByOthers.map(({ topic }) => topic)).toEqual(Array(3).fill('credential.expired'));
});

test('while the product has the log, a replay is refused', () => {
  const { status, stderr } = replay('--group', group);
  expect(status).toBe(1);
  expect(stderr).toMatch(/The event log in .* is in use by another process/);
});

test.each([
  [['--group', 'nobody'], '--group must be one of source-registry, notification'],
  [[], '--group must be one of source-registry, notification'],
  [['--group', group, '--limit', '0'], '--limit must be a whole number from 1 on'],
  [['--grup', group], "Unknown option '--grup'"],
])('%j is refused in plain words', (args, problem) => {
  const { status, stderr } = replay(...args);
  expect(status).toBe(1);
  expect(stderr).toContain(problem);
});
