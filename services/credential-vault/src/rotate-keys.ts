import { parseArgs } from 'node:util';
import { VaultKeysServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import { openRpcEndpoint, readTlsSettings } from '@credential-renewal/rpc';
import {
  ConfigurationInvalidError,
  createLogger,
  DomainError,
  readSettings,
} from '@credential-renewal/runtime';
import { readCommand, runRotation } from './rotation/rotation-command.ts';

/** Rotates the keys of the running vault at `VAULT_ADDRESS`; `--help` tells how. */
process.exitCode = await rotate();

async function rotate(): Promise<number> {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  try {
    const command = readCommand(parse());
    if (typeof command === 'string') {
      write(command);
      return 0;
    }
    const { address, tls } = readSettings(process.env, (settings) => ({
      address: settings.text('VAULT_ADDRESS'),
      tls: readTlsSettings(settings),
    }));
    const logger = createLogger({ service: 'rotate-keys', level: 'warn' });
    const rpc = openRpcEndpoint('operator', tls, { logger });
    const vault = rpc.connect(VaultKeysServiceService, address, { deadlineMs: 30_000 });
    try {
      return await runRotation(command, { vault, write });
    } finally {
      vault.close();
      rpc.close();
    }
  } catch (error) {
    const isExpected = error instanceof DomainError || error instanceof ConfigurationInvalidError;
    process.stderr.write(
      `${isExpected ? error.message : String((error as Error).stack ?? error)}\n`,
    );
    return 1;
  }
}

function parse(): Record<string, boolean | undefined> {
  const flag = { type: 'boolean' } as const;
  try {
    const { values } = parseArgs({
      options: {
        'data-key': flag,
        'key-encryption-key': flag,
        'retire-data-keys': flag,
        status: flag,
        'even-if-unfinished': flag,
        help: flag,
      },
    });
    return values;
  } catch (error) {
    throw new ConfigurationInvalidError([(error as Error).message]);
  }
}
