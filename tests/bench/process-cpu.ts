import { readFileSync } from 'node:fs';

/** The kernel's unit of CPU time in /proc, on every Linux that Node runs on. */
const tickMs = 10;

/** CPU time, in milliseconds, that a process has used up to now; NaN where there is no /proc. */
export function cpuMsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return Number.NaN;
  }
}
