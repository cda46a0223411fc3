import { openEventLog, readEventLogSettings } from '@credential-renewal/events';
import { runService } from '@credential-renewal/runtime';
import { readCredentialVaultConfig, startCredentialVault } from './index.ts';

/** The vault as a process of its own. */
await runService({
  name: 'credential-vault',
  env: process.env,
  internalPort: 9052,
  readConfig: readCredentialVaultConfig,
  readEventLogSettings,
  openEventLog,
  start: startCredentialVault,
});
