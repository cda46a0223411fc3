import type { ListDueCredentialsRequest } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { createLogger } from '@credential-renewal/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createProviderConcurrency } from '../provider/provider-concurrency.ts';
import { createRefreshSweep } from './refresh-sweep.ts';
import type { AttemptRequest, AttemptResult, Refresher } from './refresher.ts';

/** What the vault lists at most; it refuses to be asked for more. */
const vaultLimit = 1_000;

type Due = { credentialId: string; providerId: string; clientId: string };

/** Nearest deadline first. */
function dueAt(providerId: string, count: number): Due[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ credentialId: `${providerId}-${index}`, providerId, clientId: 'our-client' },
  }));
}

/** A sweep over what is due, with a provider that answers when `ask` does; what was asked is due no more. */
function startSweep(options: {
  due: Due[];
  intervalMs: number;
  ask: (request: AttemptRequest) => Promise<AttemptResult>;
}) {
  const concurrency = createProviderConcurrency({ maximum: 8 });
  const running = new Set<string>();
  const done: string[] = [];
  const lists: ListDueCredentialsRequest[] = [];
  const due = new Map(options.due.map((one) => [one.credentialId, one]));
  const refresher: Refresher = {
    async attempt(request) {
      const { credentialId, providerId } = request;
      running.add(credentialId);
      const turn = await concurrency.enter(providerId, 'background').called;
      await turn.place(60_000);
      // It may have been done since it was listed.
      const result: AttemptResult = due.has(credentialId)
        ? await options.ask(request)
        : { kind: 'not_needed' };
      turn.leave();
      running.delete(credentialId);
      if (due.delete(credentialId)) done.push(credentialId);
      return result;
    },
    running: (credentialId) => running.has(credentialId),
    stop: async () => undefined,
  };
  const sweep = createRefreshSweep({
    vault: {
      async listDueCredentials(request) {
        lists.push(request);
        const { limit, excludedProviderIds } = request;
        const listed = [...due.values()].filter(
          ({ providerId }) => !excludedProviderIds.includes(providerId),
        );
        return { due: listed.slice(0, limit), nextDueIn: undefined };
      },
    },
    ...{ refresher, concurrency, intervalMs: options.intervalMs },
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  onTestFinished(() => sweep.stop());
  return { running, done, lists };
}

const patient = { timeout: 50_000 };
const never = () => new Promise<never>(() => undefined);
const works = async (): Promise<AttemptResult> => ({ kind: 'confirmed', state: undefined });

test('a sweep asks the vault for no more than it lists, however many attempts wait for a place', async () => {
  const { running, lists } = startSweep({ due: dueAt('slow', 3_000), intervalMs: 1, ask: never });
  await vi.waitFor(() => expect(lists.length).toBeGreaterThan(5));
  expect(Math.max(...lists.map(({ limit }) => limit))).toBe(vaultLimit);
  expect(running.size).toBe(vaultLimit);
});

test('what is due at a quick provider does not stand behind the thousands that wait for a slow one', {
  timeout: 60_000,
}, async () => {
  const { done } = startSweep({
    due: [...dueAt('slow', 3_000), ...dueAt('slower', 3_000), ...dueAt('quick', 2_500)],
    // No second sweep comes by itself.
    intervalMs: 3_600_000,
    ask: ({ providerId }) => (providerId === 'quick' ? works() : never()),
  });
  const quick = dueAt('quick', 2_500).map(({ credentialId }) => credentialId);
  await vi.waitFor(() => expect(done).toEqual(quick), patient);
});

test('the list is filled up before a provider has nothing to do, and read no more than that needs', {
  timeout: 60_000,
}, async () => {
  const { done, lists } = startSweep({
    ...{ due: dueAt('quick', 5_000), intervalMs: 3_600_000, ask: works },
  });
  await vi.waitFor(() => expect(done).toHaveLength(5_000), patient);
  expect(new Set(done).size).toBe(5_000);
  expect(lists.length).toBeLessThan(20);
});

test('without progress the list is not read again before the interval', async () => {
  const { done, lists } = startSweep({
    due: dueAt('refused', 3_000),
    intervalMs: 3_600_000,
    ask: async () => ({ kind: 'held', retryAfterMs: 1_000 }),
  });
  await vi.waitFor(() => expect(done).toHaveLength(vaultLimit), patient);
  await new Promise((idle) => setImmediate(idle));
  expect(lists.length).toBe(2);
});
