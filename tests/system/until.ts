import { vi } from 'vitest';

/** Waits until `check` throws no more; answers with what it answers. */
export function until<T>(check: () => T | Promise<T>, timeoutMs = 30_000): Promise<T> {
  return vi.waitFor(check, { timeout: timeoutMs, interval: 50 });
}
