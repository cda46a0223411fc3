import { openEventLog, readEventLogSettings } from '@credential-renewal/events';
import { runService } from '@credential-renewal/runtime';
import { readOauthBrokerConfig, startOauthBroker } from './index.ts';

/** The broker as a process of its own. */
await runService({
  name: 'oauth-broker',
  env: process.env,
  internalPort: 9053,
  readConfig: readOauthBrokerConfig,
  readEventLogSettings,
  openEventLog,
  start: startOauthBroker,
});
