import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { createSqliteAuthorizationStore } from '../store/sqlite-authorization-store.ts';

const child = new URL('./token-read-counter.crash-child.ts', import.meta.url).pathname;

/** Lets it store a few counts, kills it with SIGKILL in the middle, and answers with what it said of itself. */
async function runAndKill(path: string): Promise<{ recorded: number; stored: number }> {
  const running = spawn(process.execPath, [child, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(running, 'close');
  const told = { recorded: 0, stored: 0 };
  let stores = 0;
  for await (const line of createInterface({ input: running.stdout })) {
    const [what, count] = line.split(' ');
    told[what === 'stored' ? 'stored' : 'recorded'] += Number(count);
    if (what === 'stored') stores += 1;
    if (stores === 5) running.kill('SIGKILL');
  }
  expect((await closed)[1]).toBe('SIGKILL');
  return told;
}

test('five kill -9 lose no count that was stored, and double none', {
  timeout: 60_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'token-reads-crash-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'broker.db');
  let [recorded, stored] = [0, 0];
  for (let run = 0; run < 5; run += 1) {
    const told = await runAndKill(path);
    recorded += told.recorded;
    stored += told.stored;
  }
  const store = createSqliteAuthorizationStore(path);
  const kept = await store.tokenReads.list({ accountId: 'acme', fromDay: '2000-01-01', limit: 9 });
  await store.close();
  // More than one where midnight came between.
  const total = kept.reduce((sum, { count }) => sum + count, 0);
  expect(stored).toBeGreaterThanOrEqual(25);
  expect(total).toBeGreaterThanOrEqual(stored);
  expect(total).toBeLessThanOrEqual(recorded);
});
