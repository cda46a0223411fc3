import { parseArgs } from 'node:util';
import { VaultHoldsServiceService } from '@credential-renewal/proto/credential_vault/v1/vault_holds';
import { readHoldCommand, runHoldCommand } from './holds/hold-command.ts';
import { parsed, runOperatorCommand } from './operator-command.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const options = { list: flag, release: text, confirm: text, who: text, why: text, help: flag };

/** Shows and decides the holds of the running vault at `VAULT_ADDRESS`; `--help` tells how. */
process.exitCode = await runOperatorCommand({
  name: 'decide-holds',
  read: () => readHoldCommand(parsed(() => parseArgs({ options }).values)),
  async run(command, { rpc, address }, write) {
    const vault = rpc.connect(VaultHoldsServiceService, address, { deadlineMs: 30_000 });
    try {
      return await runHoldCommand(command, { vault, write });
    } finally {
      vault.close();
    }
  },
});
