import type { Facts } from './lanes.ts';
import { machineFacts } from './machine-facts.ts';

/** What the global set-up has found out, for the test files' processes. */
export const factsVariable = 'TEST_SERVER_FACTS';

let found: Promise<Facts> | undefined;

/** The facts of this run: looked at once, however many processes it has. */
export function runFacts(): Promise<Facts> {
  const told = process.env[factsVariable];
  found ??= told ? Promise.resolve(JSON.parse(told) as Facts) : machineFacts(process.env);
  return found;
}
