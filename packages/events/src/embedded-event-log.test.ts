import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { expect, test, vi } from 'vitest';
import { openEmbeddedEventLog } from './embedded-event-log.ts';
import { eventLogContract } from './event-log.contract.ts';
import { sampleEvent } from './sample-event.ts';

const logger = createLogger({ service: 'test', level: 'silent' });

async function openInNewDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'event-log-'));
  const open = () => openEmbeddedEventLog({ directory, clock: systemClock, logger });
  let log = await open();
  return {
    directory,
    log,
    async reopen() {
      await log.close();
      log = await open();
      return log;
    },
    async dispose() {
      await log.close();
      rmSync(directory, { recursive: true });
    },
  };
}

eventLogContract('the embedded event log', openInNewDirectory);

test('a directory that is already in use is refused with the way out', async () => {
  const { directory, dispose } = await openInNewDirectory();
  await expect(
    openEmbeddedEventLog({ directory, clock: systemClock, logger }),
  ).rejects.toMatchObject({
    code: 'EVENT_LOG_IN_USE',
    message: expect.stringMatching(/embedded: serves one process; separate processes need kafka:/),
  });
  await dispose();
});

test('a publish to a closed log fails and the log says that it is closed', async () => {
  const { log, dispose } = await openInNewDirectory();
  await dispose();
  await expect(log.publish([sampleEvent('a', 1)])).rejects.toMatchObject({ kind: 'unavailable' });
  expect(log.problem()).toBe('the event log is closed');
});

test('close waits for a running handler, starts no other, and keeps what was finished', async () => {
  const { log, reopen, dispose } = await openInNewDirectory();
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  await log.subscribe({
    group: 'readers',
    topics: ['credential.expired'],
    handle: async ({ event }) => {
      begun.push(event.sequence);
      await gate.promise;
    },
  });
  await log.publish([sampleEvent('a', 1), sampleEvent('a', 2)]);
  await vi.waitFor(() => expect(begun).toHaveLength(1), { interval: 1 });
  const reopening = reopen();
  gate.resolve();
  const reopened = await reopening;
  expect(begun).toHaveLength(1);
  expect(await reopened.lag('readers')).toEqual({ 'credential.expired': 1 });
  await dispose();
});

test('what a member finished is on disk when its stop resolves', async () => {
  const { directory, log, dispose } = await openInNewDirectory();
  let handled = 0;
  const subscription = await log.subscribe({
    group: 'readers',
    topics: ['credential.expired'],
    handle: async () => {
      handled++;
    },
  });
  await log.publish([sampleEvent('a', 1)]);
  await vi.waitFor(() => expect(handled).toBe(1), { interval: 0 });
  await subscription.stop();
  // The files as a crash at this moment would leave them.
  const left = mkdtempSync(join(tmpdir(), 'event-log-left-'));
  cpSync(directory, left, { recursive: true });
  const reopened = await openEmbeddedEventLog({ directory: left, clock: systemClock, logger });
  expect(await reopened.lag('readers')).toEqual({ 'credential.expired': 0 });
  await reopened.close();
  rmSync(left, { recursive: true });
  await dispose();
});
