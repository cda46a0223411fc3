import { openEventLog } from '@credential-renewal/events';
import {
  systemClock as clock,
  createInternalServer,
  createLogger,
  runProcess,
} from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { explainStartError, startGateway } from './app.ts';
import { readGatewayConfig, readGatewayProcessConfig } from './config.ts';

/** The gateway as a process of its own. */
await runProcess({
  explain: explainStartError,
  async start() {
    const own = readGatewayProcessConfig(process.env);
    const config = readGatewayConfig(process.env);
    const logger = createLogger({ service: 'gateway', level: own.logLevel });
    const metrics = new Registry();
    const eventLog = await openEventLog(own.eventLogUrl, { clock, logger });
    const gateway = await startGateway(config, { clock, logger, metrics, eventLog });
    const internal = await createInternalServer({
      host: own.internalHost,
      port: own.internalPort,
      metrics,
      readiness: gateway.readiness,
    });
    logger.info({ address: gateway.address, publicUrl: config.publicUrl.href }, 'listening');
    return {
      async stop() {
        await gateway.stop();
        await eventLog.close();
        await internal.stop();
      },
    };
  },
});
