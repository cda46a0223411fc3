import { openEventLog } from '@credential-renewal/events';
import {
  createInternalServer,
  createLogger,
  readSettings,
  runProcess,
  systemClock,
} from '@credential-renewal/runtime';
import { Registry } from 'prom-client';
import { readCredentialVaultConfig, startCredentialVault } from './index.ts';

/** The vault as a process of its own. */
await runProcess({
  start: async () => {
    const config = readCredentialVaultConfig(process.env);
    const settings = readSettings(process.env, (s) => ({
      eventLogUrl: s.url('EVENT_LOG_URL', ['embedded']),
      logLevel: s.text('LOG_LEVEL', 'info'),
      internalHost: s.text('INTERNAL_HOST', '127.0.0.1'),
      internalPort: s.port('INTERNAL_PORT', 9052),
    }));
    const logger = createLogger({ service: 'credential-vault', level: settings.logLevel });
    const eventLog = await openEventLog(settings.eventLogUrl, { clock: systemClock, logger });
    const vault = await startCredentialVault(config, { clock: systemClock, logger, eventLog });
    const internal = await createInternalServer({
      host: settings.internalHost,
      port: settings.internalPort,
      metrics: new Registry(),
      readiness: { ...vault.readiness, 'event log': () => eventLog.problem() },
    });
    logger.info({ address: vault.address }, 'the credential vault is ready');
    return {
      async stop() {
        await vault.stop();
        await eventLog.close();
        await internal.stop();
      },
    };
  },
});
