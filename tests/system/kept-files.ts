import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kept } from './product.ts';

/** Every file below a directory, by its name from there. */
export function filesBelow(directory: string): Kept[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ name: relative(directory, path), bytes: readFileSync(path) }));
}

const madeWithinMs = 50_000;

/** The demo world writes it down when the newcomer's sources are there. (Without vitest: benchmarks start a standalone too.) */
export async function untilDemoSourcesMade(demoDirectory: string): Promise<void> {
  const marker = join(demoDirectory, 'demo', 'seeded');
  const deadline = performance.now() + madeWithinMs;
  while (!existsSync(marker)) {
    if (performance.now() > deadline) throw new Error('the demo sources were not made in time');
    await delay(50);
  }
}
