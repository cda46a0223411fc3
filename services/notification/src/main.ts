import { openEventLog } from '@credential-renewal/events';
import {
  systemClock as clock,
  createInternalServer,
  createLogger,
  runProcess,
} from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { readNotificationConfig, readNotificationProcessConfig } from './config.ts';
import { startNotification } from './start.ts';

await runProcess({
  async start() {
    const own = readNotificationProcessConfig(process.env);
    const config = readNotificationConfig(process.env);
    const logger = createLogger({ service: 'notification', level: own.logLevel });
    const metrics = new Registry();
    const eventLog = await openEventLog(own.eventLogUrl, { clock, logger });
    const service = await startNotification(config, { clock, logger, metrics, eventLog });
    const internal = await createInternalServer({
      host: own.internalHost,
      port: own.internalPort,
      metrics,
      readiness: service.readiness,
    });
    return {
      async stop() {
        await service.stop();
        await eventLog.close();
        await internal.stop();
      },
    };
  },
});
