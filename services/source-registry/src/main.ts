import { openEventLog, readEventLogSettings } from '@credential-renewal/events';
import { runService } from '@credential-renewal/runtime';
import { readSourceRegistryConfig, startSourceRegistry } from './index.ts';

/** The registry as a process of its own. */
await runService({
  name: 'source-registry',
  env: process.env,
  internalPort: 9051,
  readConfig: readSourceRegistryConfig,
  readEventLogSettings,
  openEventLog,
  start: startSourceRegistry,
});
