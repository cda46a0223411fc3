import { parseArgs } from 'node:util';
import { VaultKeysServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import { parsed, runOperatorCommand } from './operator-command.ts';
import { readCommand, runRotation } from './rotation/rotation-command.ts';

const flag = { type: 'boolean' } as const;
const options = {
  'data-key': flag,
  'key-encryption-key': flag,
  'retire-data-keys': flag,
  status: flag,
  'even-if-unfinished': flag,
  help: flag,
};

/** Rotates the keys of the running vault at `VAULT_ADDRESS`; `--help` tells how. */
process.exitCode = await runOperatorCommand({
  name: 'rotate-keys',
  read: () => readCommand(parsed(() => parseArgs({ options }).values)),
  async run(command, { rpc, address }, write) {
    const vault = rpc.connect(VaultKeysServiceService, address, { deadlineMs: 30_000 });
    try {
      return await runRotation(command, { vault, write });
    } finally {
      vault.close();
    }
  },
});
