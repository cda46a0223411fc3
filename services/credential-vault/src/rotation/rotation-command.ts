import { setTimeout as pause } from 'node:timers/promises';
import type {
  GetKeysResponse,
  RetireDataKeysResponse_Retirement,
  VaultKeysServiceService,
} from '@credential-renewal/proto/credential_vault/v1/vault_keys';
import type { RpcClient } from '@credential-renewal/rpc';
import { ConfigurationInvalidError } from '@credential-renewal/runtime';

export type RotationCommand =
  | { kind: 'data_key'; evenIfUnfinished: boolean }
  | { kind: 'key_encryption_key' }
  | { kind: 'retire_data_keys' }
  | { kind: 'status' };

type Deps = {
  vault: RpcClient<typeof VaultKeysServiceService>;
  /** A line for the person at the terminal. */
  write: (line: string) => void;
  pollMs?: number;
  /** Without progress for so long, what is left cannot be moved. */
  patienceMs?: number;
};

const usage = `Rotates the keys of a running vault. VAULT_ADDRESS names it (unix:/path or host:port).
  --data-key             make a new data key and follow the move of all credentials to it
      --even-if-unfinished   also while some still wait to be moved to the newest one
  --key-encryption-key   wrap the data keys with a newer version of the key-encryption key
  --retire-data-keys     take data keys out of use that nothing is encrypted with
  --status               show the keys
Each can be stopped and given again at any time.`;

/** What is asked for, or the text to show. Throws ConfigurationInvalidError. */
export function readCommand(
  options: Readonly<Record<string, boolean | undefined>>,
): RotationCommand | string {
  if (options['help']) return usage;
  const asked = ['data-key', 'key-encryption-key', 'retire-data-keys', 'status'].filter(
    (name) => options[name],
  );
  if (asked.length !== 1)
    throw new ConfigurationInvalidError(['exactly one thing must be asked for', usage]);
  switch (asked[0]) {
    case 'data-key':
      return { kind: 'data_key', evenIfUnfinished: options['even-if-unfinished'] === true };
    case 'key-encryption-key':
      return { kind: 'key_encryption_key' };
    case 'retire-data-keys':
      return { kind: 'retire_data_keys' };
    default:
      return { kind: 'status' };
  }
}

/** Answers with the exit code: 0, or 1 when something is left to do that waiting does not do. */
export async function runRotation(command: RotationCommand, deps: Deps): Promise<number> {
  const { vault, write } = deps;
  switch (command.kind) {
    case 'data_key': {
      const { kid, added } = await vault.addDataKey({ evenIfUnfinished: command.evenIfUnfinished });
      write(
        added
          ? `Data key ${kid} encrypts from now on.`
          : `Credentials still move to data key ${kid}, so no newer one was made.`,
      );
      return followMove(deps);
    }
    case 'key_encryption_key': {
      const { rewrapped, madeNewer, wrappedBy } = await vault.rotateKeyEncryptionKey({});
      write(
        madeNewer
          ? `A newer version of the key-encryption key was made; ${count(rewrapped, 'data key')} wrapped with it (${wrappedBy}).`
          : `${count(rewrapped, 'data key')} wrapped with the newest key-encryption key, which was there already (${wrappedBy}).`,
      );
      return 0;
    }
    case 'retire_data_keys': {
      const { retirements } = await vault.retireDataKeys({});
      for (const retirement of retirements) write(describeRetirement(retirement));
      if (retirements.length === 0) write('There is one data key, and it is in use.');
      return 0;
    }
    case 'status':
      for (const line of describeKeys(await vault.getKeys({}))) write(line);
      return 0;
    default:
      return command satisfies never;
  }
}

/** The vault moves them by itself; this shows how far it is. */
async function followMove({
  vault,
  write,
  pollMs = 1_000,
  patienceMs = 60_000,
}: Deps): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  let progressAtMs = performance.now();
  for (;;) {
    const { recordsToMove, authorizationsToEnd } = await vault.getKeys({});
    if (recordsToMove === 0) {
      write('All credentials are encrypted with the newest data key.');
      if (authorizationsToEnd > 0) {
        write(
          `${count(authorizationsToEnd, 'authorization')} under way will end within a day; until then the older data keys stay in use.`,
        );
      }
      return 0;
    }
    if (recordsToMove < least) {
      least = recordsToMove;
      progressAtMs = performance.now();
      write(`${recordsToMove >= 100_000 ? 'at least ' : ''}${recordsToMove} credentials to move`);
    } else if (performance.now() - progressAtMs > patienceMs) {
      write(
        `${count(recordsToMove, 'credential')} could not be moved. The vault's log names those that cannot be opened; the others it goes on moving.`,
      );
      return 1;
    }
    await pause(pollMs);
  }
}

function describeKeys(keys: GetKeysResponse): string[] {
  return [
    `Key-encryption key: ${keys.keyEncryptionKey}`,
    ...keys.dataKeys.map(({ kid, createdAt, retiredAt, current, wrappedBy }) => {
      const state = current ? 'encrypts' : retiredAt ? `retired ${toText(retiredAt)}` : 'decrypts';
      return `Data key ${kid}: made ${toText(createdAt)}, ${state}, wrapped by ${wrappedBy || 'the first key of the file'}`;
    }),
    `Credentials to move to the newest data key: ${keys.recordsToMove}`,
    ...(keys.problem === '' ? [] : [`Problem: ${keys.problem}`]),
  ];
}

function describeRetirement({ kid, state }: RetireDataKeysResponse_Retirement): string {
  switch (state?.$case) {
    case 'inUse':
      return `Data key ${kid} stays: something is still encrypted with it, or with an older one.`;
    case 'waiting':
      return `Data key ${kid} is retired. It can be removed from ${toText(state.value.removableAt)} on, by the same command.`;
    case 'removed':
      return `Data key ${kid} was removed.`;
    case undefined:
      return `Data key ${kid}`;
    default:
      return state satisfies never;
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function toText(moment: Date | undefined): string {
  return moment?.toISOString() ?? 'at an unknown time';
}
