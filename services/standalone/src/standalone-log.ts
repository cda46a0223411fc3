import { join } from 'node:path';
import { createLogger, type Logger } from '@credential-renewal/runtime';
import { pino } from 'pino';
import type { StandaloneConfig } from './config.ts';

/** One destination for all services: a file, so that the terminal stays readable, or stdout. */
export function openLog({ dataDirectory, logLevel, logTo }: StandaloneConfig): {
  logFor: (service: string) => Logger;
  /** Undefined: stdout. */
  logFile: string | undefined;
} {
  const logFile = logTo === 'file' ? join(dataDirectory, 'standalone.log') : undefined;
  const destination = pino.destination({ dest: logFile ?? 1, sync: true, mkdir: true });
  return { logFor: (service) => createLogger({ service, level: logLevel, destination }), logFile };
}
