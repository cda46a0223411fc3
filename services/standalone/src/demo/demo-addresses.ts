import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DomainError } from '@credential-renewal/runtime';

export type Addresses = { port: number; demoPort: number };

/** People and grants of the demo world are known by its address, so they would be strangers at another one. */
export class DataDirectoryElsewhereError extends DomainError {
  constructor(directory: string, { port, demoPort }: Addresses) {
    super(
      'failed_precondition',
      'DATA_DIRECTORY_ELSEWHERE',
      `DATA_DIR (${directory}) was made with PORT=${port} and DEMO_PORT=${demoPort}, and its people are known by that address. Start with these ports, or on other ports with another directory: PORT=4000 DATA_DIR=data-4000 npm start`,
    );
  }
}

/** Remembers the ports of the first start in `file`, and refuses others afterwards. */
export function keepAddresses(directory: string, file: string, now: Addresses): void {
  if (!existsSync(file)) {
    writeFileSync(file, JSON.stringify({ port: now.port, demoPort: now.demoPort }));
    return;
  }
  const then = JSON.parse(readFileSync(file, 'utf8')) as Addresses;
  if (then.port !== now.port || then.demoPort !== now.demoPort) {
    throw new DataDirectoryElsewhereError(directory, then);
  }
}
