import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { expect, test, vi } from 'vitest';
import { openEmbeddedEventLog } from './embedded-event-log.ts';
import type { LoggedEvent } from './event-log.ts';

const child = new URL('./embedded-event-log.crash-child.ts', import.meta.url).pathname;
const logger = createLogger({ service: 'test', level: 'silent' });

test('a second process is refused while the first has the log', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'event-log-second-'));
  const log = await openEmbeddedEventLog({ directory, clock: systemClock, logger });
  const second = spawn(process.execPath, [child, directory, 'second'], { stdio: 'pipe' });
  let told = '';
  second.stderr.on('data', (chunk) => {
    told += chunk;
  });
  expect((await once(second, 'close'))[0]).toBe(1);
  expect(told).toContain('embedded: serves one process');
  await log.close();
  rmSync(directory, { recursive: true });
});

test('ten kill -9 lose no acknowledged event, double none, and skip none for a consumer', {
  timeout: 60_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'event-log-crash-'));
  const acknowledged = new Map<string, number>();
  const handled = new Set<string>();
  for (let run = 1; run <= 10; run++) {
    await runAndKill(directory, `run${run}`, acknowledged, handled);
  }
  expect(acknowledged.size).toBe(40);

  const log = await openEmbeddedEventLog({ directory, clock: systemClock, logger });
  const logged: LoggedEvent[] = [];
  const caughtUp = Promise.withResolvers<void>();
  await log.tail({
    topics: ['credential.expired'],
    from: 'start',
    handle: (entry) => {
      logged.push(entry);
    },
    caughtUp: caughtUp.resolve,
  });
  await caughtUp.promise;
  for (const [key, last] of acknowledged) {
    const found = logged
      .filter(({ event }) => event.partitionkey === key)
      .map(({ event }) => Number(event.sequence));
    expect(found).toEqual(found.map((_, index) => index + 1));
    expect(found.length).toBeGreaterThanOrEqual(last);
    // A publish is whole or not at all.
    expect(found.length % 2).toBe(0);
  }

  await log.subscribe({
    group: 'readers',
    topics: ['credential.expired'],
    handle: async ({ event }) => {
      handled.add(event.id);
    },
  });
  await vi.waitFor(
    async () => expect(await log.lag('readers')).toEqual({ 'credential.expired': 0 }),
    { timeout: 20_000, interval: 10 },
  );
  expect(handled).toEqual(new Set(logged.map(({ event }) => event.id)));
  await log.close();
  rmSync(directory, { recursive: true });
});

/** Kills the child with SIGKILL after a random number of lines, and reads what it had still written. */
async function runAndKill(
  directory: string,
  run: string,
  acknowledged: Map<string, number>,
  handled: Set<string>,
): Promise<void> {
  const started = spawn(process.execPath, [child, directory, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(started, 'close');
  const killAfter = 20 + Math.floor(Math.random() * 500);
  let lines = 0;
  for await (const line of createInterface({ input: started.stdout })) {
    const [what, name, sequence] = line.split(' ');
    if (what === 'acknowledged' && name && sequence) acknowledged.set(name, Number(sequence));
    if (what === 'handled' && name) handled.add(name);
    lines++;
    if (lines === killAfter) started.kill('SIGKILL');
  }
  expect((await closed)[1]).toBe('SIGKILL');
}
