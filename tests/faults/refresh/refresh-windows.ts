import type { ServerResponse } from 'node:http';
import { expect, vi } from 'vitest';
import type { RotatingProvider } from './rotating-provider.ts';
import type { VaultBetween, VaultMethod } from './vault-between.ts';

export type RefreshWindow = {
  name: string;
  hold?: { method: VaultMethod; when: 'before' | 'after' };
};

/** Where a broker may die in the course of a refresh; without a hold: the provider has rotated, its answer is under way. */
export const refreshWindows: readonly RefreshWindow[] = [
  { name: 'before the intent', hold: { method: 'acquireLease', when: 'before' } },
  { name: 'after the intent', hold: { method: 'acquireLease', when: 'after' } },
  { name: 'between the rotation and its answer' },
  {
    name: 'between the answer and the write',
    hold: { method: 'completeAttempt', when: 'before' },
  },
  { name: 'after the write', hold: { method: 'completeAttempt', when: 'after' } },
];

const never = new Promise<void>(() => undefined);

/** From now on every refresh stops in this window. */
export function stopIn(
  { hold }: RefreshWindow,
  { between, provider }: { between: VaultBetween; provider: RotatingProvider },
): {
  /** All these refreshes have got there. */
  reached(count: number): Promise<void>;
  /** Those who waited are dead: nobody hears what was under way to them. */
  letGo(): void;
} {
  const unanswered: ServerResponse[] = [];
  if (hold) between.hold = { ...hold, until: never };
  else {
    provider.beforeAnswer = async (_grant, response) => {
      unanswered.push(response);
      await new Promise((closed) => response.once('close', closed));
    };
  }
  return {
    reached: (count) =>
      vi.waitFor(() => expect(hold ? between.held() : unanswered.length).toBe(count), {
        timeout: 60_000,
        interval: 20,
      }),
    letGo() {
      provider.beforeAnswer = undefined;
      for (const response of unanswered) response.destroy();
    },
  };
}
