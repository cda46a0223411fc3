import { openEventLog } from '@credential-renewal/events';
import {
  systemClock as clock,
  createInternalServer,
  createLogger,
  readSettings,
  runProcess,
} from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { readSourceRegistryConfig } from './config.ts';
import { startSourceRegistry } from './start-source-registry.ts';

await runProcess({
  async start() {
    const { logLevel, eventLogUrl, internal } = readSettings(process.env, (settings) => ({
      logLevel: settings.text('LOG_LEVEL', 'info'),
      eventLogUrl: settings.url('EVENT_LOG_URL', ['embedded']),
      internal: {
        host: settings.text('INTERNAL_HOST', '127.0.0.1'),
        port: settings.port('INTERNAL_PORT', 9051),
      },
    }));
    const config = readSourceRegistryConfig(process.env);
    const logger = createLogger({ service: 'source-registry', level: logLevel });
    const metrics = new Registry();
    const eventLog = await openEventLog(eventLogUrl, { clock, logger });
    const registry = await startSourceRegistry(config, { clock, logger, metrics, eventLog });
    const { readiness } = registry;
    const server = await createInternalServer({ ...internal, metrics, readiness });
    return {
      async stop() {
        await server.stop();
        await registry.stop();
        await eventLog.close();
      },
    };
  },
});
