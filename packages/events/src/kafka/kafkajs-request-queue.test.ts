import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { mendRequestQueue } from './kafkajs-request-queue.ts';

type Queue = {
  pending: unknown[];
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
  destroy(): void;
};

const log = { namespace: () => log, debug: () => undefined, warn: () => undefined };

function createQueue(): Queue {
  const load = createRequire(import.meta.url);
  const RequestQueue = load('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
  return new RequestQueue({ requestTimeout: 1000, clientId: 'test', broker: 'b', logger: log });
}

test('a queue of kafkajs in which nothing waits plans no look, and one in which something waits does', () => {
  mendRequestQueue();
  const queue = createQueue();
  queue.checkPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
  queue.pending.push({});
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).not.toBeNull();
  queue.destroy();
});

test('the fault is still there without us: when it is not, this file has no purpose', async () => {
  const { spawnSync } = await import('node:child_process');
  const program = `
    const RequestQueue = require('kafkajs/src/network/requestQueue');
    const log = { namespace: () => log, debug() {}, warn() {} };
    const queue = new RequestQueue({ requestTimeout: 1000, clientId: 't', broker: 'b', logger: log });
    queue.checkPendingRequests();
    console.log(queue.throttleCheckTimeoutId !== null);
    queue.destroy();`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect(stdout).toContain('true');
  expect(stderr).toContain('TimeoutNegativeWarning');
});
