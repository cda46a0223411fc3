import { openEventLog, readEventLogSettings } from '@credential-renewal/events';
import { runService } from '@credential-renewal/runtime';
import { readGatewayConfig, startGateway } from './index.ts';

/** The gateway as a process of its own. */
await runService({
  name: 'gateway',
  env: process.env,
  internalPort: 9050,
  readConfig: readGatewayConfig,
  readEventLogSettings,
  openEventLog,
  start: startGateway,
});
