import { openEventLog } from '@credential-renewal/events';
import {
  createInternalServer,
  createLogger,
  readSettings,
  runProcess,
  systemClock,
} from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { readOauthBrokerConfig, startOauthBroker } from './index.ts';

/** The broker as a process of its own. */
await runProcess({
  start: async () => {
    const config = readOauthBrokerConfig(process.env);
    const settings = readSettings(process.env, (s) => ({
      eventLogUrl: s.url('EVENT_LOG_URL', ['embedded']),
      logLevel: s.text('LOG_LEVEL', 'info'),
      internalHost: s.text('INTERNAL_HOST', '127.0.0.1'),
      internalPort: s.port('INTERNAL_PORT', 9053),
    }));
    const logger = createLogger({ service: 'oauth-broker', level: settings.logLevel });
    const metrics = new Registry();
    const clock = systemClock;
    const eventLog = await openEventLog(settings.eventLogUrl, { clock, logger });
    const broker = await startOauthBroker(config, { clock, logger, metrics, eventLog });
    const internal = await createInternalServer({
      host: settings.internalHost,
      port: settings.internalPort,
      metrics,
      readiness: broker.readiness,
    });
    logger.info({ address: broker.address }, 'the oauth broker is ready');
    return {
      async stop() {
        await broker.stop();
        await eventLog.close();
        await internal.stop();
      },
    };
  },
});
