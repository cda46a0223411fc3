import { readFileSync } from 'node:fs';
import { createVisitor } from '@credential-renewal/demo-provider';
import { startStandaloneProcess } from '../system/standalone-process.ts';
import type { Measured } from './figure.ts';

const sources = 1_000;
const atATime = 6;

/**
 * Resident memory of `npm start`'s process with 1,000 sources that were all made through the real flow and are synced by the
 * demo worker: at its highest (VmHWM) and at the end (VmRSS).
 */
export async function measureMemory(): Promise<Measured> {
  const standalone = await startStandaloneProcess({ DEMO_SOURCES: 'false' });
  try {
    const idleMb = residentMb(standalone.pid(), 'VmRSS');
    const ada = createVisitor(standalone);
    await ada.signIn('ada');
    const indexes = Array.from({ length: sources }, (_, index) => index).values();
    await Promise.all(
      Array.from({ length: atATime }, async () => {
        for (const index of indexes) {
          const { authorization } = await ada.call<{ authorization: { authorizationUrl: string } }>(
            'POST',
            '/api/v1/sources',
            {
              connectorId: 'orchard-drive',
              name: `Source ${index}`,
            },
          );
          await ada.authorize(authorization.authorizationUrl, {
            account: `person-${index}@orchard.example`,
          });
        }
      }),
    );
    const loadedPeakMb = residentMb(standalone.pid(), 'VmHWM');
    // A process that holds 1,000 sources and did not just make them: what a team would see day by day.
    await standalone.restart({ DEMO_SOURCES: 'false' });
    await ada.signIn('ada');
    for (let page = 0; page < 100; page++) await ada.call('GET', '/api/v1/my-sources?pageSize=200');
    const loadedMb = residentMb(standalone.pid(), 'VmRSS');
    return {
      lines: [
        `idle without sources: ${idleMb} MB`,
        `peak while ${sources} sources were made through the real flow: ${loadedPeakMb} MB`,
        `with ${sources} sources, after 100 pages of 200: ${loadedMb} MB (limit 250), peak ${residentMb(standalone.pid(), 'VmHWM')} MB`,
      ],
      figures: [
        { name: 'memory-idle', value: idleMb, unit: 'MB' },
        { name: 'memory-1000-sources', value: loadedMb, unit: 'MB' },
      ],
    };
  } finally {
    await standalone.dispose();
  }
}

/** Linux only: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function residentMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const [, kb] =
    new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kb) / 1024);
}
