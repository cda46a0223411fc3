import { startStandaloneProcess } from '../system/standalone-process.ts';
import type { Measured } from './figure.ts';
import { median } from './statistics.ts';

const runs = 5;

/** From the launch of the process to its word that it is ready: with an empty data directory, and again with its data. */
export async function measureStart(): Promise<Measured> {
  const first: number[] = [];
  const again: number[] = [];
  for (let run = 0; run < runs; run++) {
    const launchedMs = performance.now();
    const standalone = await startStandaloneProcess({ DEMO_SOURCES: 'false' });
    first.push(Math.round(performance.now() - launchedMs));
    await standalone.end('SIGTERM');
    const relaunchedMs = performance.now();
    await standalone.restart();
    again.push(Math.round(performance.now() - relaunchedMs));
    await standalone.dispose();
  }
  return {
    lines: [
      `start to ready, first: ${median(first)} ms (limit 3000), runs ${first.join(', ')}`,
      `start to ready, again: ${median(again)} ms, runs ${again.join(', ')}`,
    ],
    figures: [
      { name: 'start-first', value: median(first), unit: 'ms' },
      { name: 'start-again', value: median(again), unit: 'ms' },
    ],
  };
}
