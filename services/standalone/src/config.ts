import { delimiter, resolve } from 'node:path';
import {
  readSettings,
  readTracingSettings,
  type TracingSettings,
} from '@credential-renewal/runtime';
import { readDemoSettings } from './demo/config.ts';
import type { DemoPartConfig } from './demo/demo-part.ts';

export type StandaloneConfig = Pick<
  DemoPartConfig,
  'demoSources' | 'demoProvider' | 'workerIntervalMs'
> & {
  host: string;
  port: number;
  demoPort: number;
  /** Probes and metrics: of this machine only unless told otherwise. */
  internalHost: string;
  internalPort: number;
  /** Absolute. */
  dataDirectory: string;
  uiDirectory: string;
  /** Laid over the demo world's catalogue. */
  catalogueDirectories: string[];
  logLevel: string;
  /** `file`: below the data directory, so that the terminal stays readable. */
  logTo: 'file' | 'stdout';
  /** `pause` and `shadow`: no credential is declared dead. */
  verdicts: 'on' | 'pause' | 'shadow';
  /** Where traces go, if anywhere. */
  tracing?: TracingSettings;
  /** Whether the clock may be moved (tests). */
  clockMayShift: boolean;
  timing: {
    digestWindowMs: number;
    refreshHttpTimeoutMs: number;
    refreshLeaseMs: number;
    sweepIntervalMs: number;
  };
};

const top = resolve(import.meta.dirname, '../../..');

/** Reads the environment; every wrong variable is named at once. */
export function readStandaloneConfig(env: Record<string, string | undefined>): StandaloneConfig {
  return readSettings(env, (settings) => {
    const port = settings.integer('PORT', 3000, { min: 1, max: 65_533 });
    return {
      // The name people type; a browser treats http://localhost as a secure context.
      host: settings.text('HOST', 'localhost'),
      port,
      demoPort: settings.integer('DEMO_PORT', port + 1, { min: 1, max: 65_535 }),
      internalHost: settings.text('INTERNAL_HOST', '127.0.0.1'),
      internalPort: settings.port('INTERNAL_PORT', port + 2),
      dataDirectory: resolve(top, settings.text('DATA_DIR', 'data')),
      uiDirectory: resolve(top, settings.text('UI_DIRECTORY', 'gateway/ui/dist')),
      catalogueDirectories: (settings.optionalText('CATALOGUE_DIRECTORY') ?? '')
        .split(delimiter)
        .filter(Boolean)
        .map((directory) => resolve(top, directory)),
      logLevel: settings.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
      logTo: settings.oneOf('LOG_TO', ['file', 'stdout'], 'file'),
      ...readDemoSettings(settings),
      verdicts: settings.oneOf('VERDICTS', ['on', 'pause', 'shadow'], 'on'),
      tracing: readTracingSettings(settings),
      clockMayShift: env.NODE_ENV !== 'production',
      timing: {
        digestWindowMs: settings.integer('DIGEST_WINDOW_MS', 15 * 60_000, { min: 1 }),
        refreshHttpTimeoutMs: settings.integer('REFRESH_HTTP_TIMEOUT_MS', 10_000, { min: 10 }),
        refreshLeaseMs: settings.integer('REFRESH_LEASE_MS', 25_000, { min: 100 }),
        sweepIntervalMs: settings.integer('SWEEP_INTERVAL_MS', 2_000, { min: 10 }),
      },
    };
  });
}
