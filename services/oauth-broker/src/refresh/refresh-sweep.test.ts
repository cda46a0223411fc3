import { createLogger } from '@credential-renewal/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createProviderConcurrency } from '../provider/provider-concurrency.ts';
import { createRefreshSweep } from './refresh-sweep.ts';
import type { Refresher } from './refresher.ts';

/** What the vault lists at most; it refuses to be asked for more. */
const vaultLimit = 1_000;

/** Of a slow provider; none of its attempts comes to an end. */
const due = Array.from({ length: 3_000 }, (_, index) => ({
  credentialId: `credential-${index}`,
  providerId: 'slow',
  clientId: 'our-client',
}));

test('a sweep asks the vault for no more than it lists, however many attempts wait for a place', async () => {
  const concurrency = createProviderConcurrency({ maximum: 1 });
  const running = new Set<string>();
  const limits: number[] = [];
  const refresher: Refresher = {
    async attempt({ credentialId, providerId }) {
      running.add(credentialId);
      await concurrency.enter(providerId, 'background').granted;
      return new Promise(() => undefined);
    },
    running: (credentialId) => running.has(credentialId),
    stop: async () => undefined,
  };
  const sweep = createRefreshSweep({
    vault: {
      listDueCredentials: async ({ limit }) => {
        limits.push(limit);
        return { due: due.slice(0, limit), nextDueIn: undefined };
      },
    },
    ...{ refresher, concurrency, intervalMs: 1 },
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  onTestFinished(() => sweep.stop());
  await vi.waitFor(() => expect(limits.length).toBeGreaterThan(5));
  expect(Math.max(...limits)).toBe(vaultLimit);
  expect(running.size).toBe(vaultLimit);
});
