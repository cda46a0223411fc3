import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Clock, ShiftableClock } from './clock.ts';
import { readClock } from './clock-settings.ts';
import { createInternalServer } from './internal-server.ts';
import { createLogger, type Logger } from './logger.ts';
import { type RunningProcess, runProcess } from './process.ts';
import { degraded, type ReadinessCheck } from './readiness.ts';
import { measureReadiness } from './readiness-metrics.ts';
import { ConfigurationInvalidError, readSettings, type Settings } from './settings.ts';
import { openTracing, readTracingSettings } from './tracing/tracing.ts';

/** What a service needs of the event log's handle to be run with it. */
type Closable = { problem(): string | undefined; close(): Promise<void> };

type EventLogDeps = { service: string; clock: Clock; logger: Logger; metrics: Registry };

export type ServiceProcess<Config, EventLogSettings, EventLog extends Closable> = {
  name: string;
  env: Record<string, string | undefined>;
  /** The default of `INTERNAL_PORT`. */
  internalPort: number;
  readConfig(env: Record<string, string | undefined>): Config;
  readEventLogSettings(settings: Settings): EventLogSettings;
  openEventLog(settings: EventLogSettings, deps: EventLogDeps): Promise<EventLog>;
  start(
    config: Config,
    deps: {
      clock: Clock;
      logger: Logger;
      metrics: Registry;
      eventLog: EventLog;
      /** The same clock, where the settings let tests move it. */
      shiftable?: ShiftableClock;
    },
  ): Promise<{ address: string; readiness: Record<string, ReadinessCheck>; stop(): Promise<void> }>;
};

/**
 * Runs one service as a process of its own: settings, log to stdout, event log, the service, then its probes and metrics; a signal
 * stops them in the reverse order. Every wrong setting of the service and of the process is named at once.
 */
export function runService<Config, EventLogSettings, EventLog extends Closable>(
  service: ServiceProcess<Config, EventLogSettings, EventLog>,
): Promise<void> {
  return runProcess({ start: () => startService(service) });
}

async function startService<Config, EventLogSettings, EventLog extends Closable>(
  service: ServiceProcess<Config, EventLogSettings, EventLog>,
): Promise<RunningProcess> {
  const { config, own } = readBoth(service);
  const { clock, shiftable } = own.clock;
  const logger = createLogger({ service: service.name, level: own.logLevel });
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  const ends: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const tracing = await openTracing(own.tracing, { service: service.name, logger, metrics });
    ends.push(() => tracing.stop());
    const eventLog = await service.openEventLog(own.eventLog, {
      ...{ service: service.name, clock, logger, metrics },
    });
    ends.push(() => eventLog.close());
    const running = await service.start(config, {
      ...{ clock, logger, metrics, eventLog },
      ...(shiftable && { shiftable }),
    });
    ends.push(() => running.stop());
    const readiness = { ...running.readiness, 'event log': () => degraded(eventLog.problem()) };
    measureReadiness(metrics, readiness);
    const internal = await createInternalServer({
      ...{ ...own.internal, metrics, readiness },
      ...(shiftable && { clock: shiftable }),
    });
    // Probes say "not ready" to the end, so they stop last: first in the list.
    ends.unshift(() => internal.stop());
    logger.info({ address: running.address }, 'ready');
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readBoth<Config, EventLogSettings, EventLog extends Closable>(
  service: ServiceProcess<Config, EventLogSettings, EventLog>,
) {
  const problems: string[] = [];
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigurationInvalidError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const config = collect(() => service.readConfig(service.env));
  const own = collect(() =>
    readSettings(service.env, (settings) => ({
      eventLog: service.readEventLogSettings(settings),
      logLevel: settings.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
      clock: readClock(settings),
      tracing: readTracingSettings(settings),
      internal: {
        host: settings.text('INTERNAL_HOST', '127.0.0.1'),
        port: settings.port('INTERNAL_PORT', service.internalPort),
      },
    })),
  );
  if (config === undefined || own === undefined) throw new ConfigurationInvalidError(problems);
  return { config, own };
}
