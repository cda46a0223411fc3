import { join } from 'node:path';
import { createLogger, type Logger, openLogDestination } from '@credential-renewal/runtime';
import type { StandaloneConfig } from './config.ts';

/** One destination for all services: a file, so that the terminal stays readable, or stdout. */
export function openLog({ dataDirectory, logLevel, logTo }: StandaloneConfig): {
  logFor: (service: string) => Logger;
  /** Undefined: stdout. */
  logFile: string | undefined;
} {
  const logFile = logTo === 'file' ? join(dataDirectory, 'standalone.log') : undefined;
  const destination = openLogDestination(logFile);
  return { logFor: (service) => createLogger({ service, level: logLevel, destination }), logFile };
}
