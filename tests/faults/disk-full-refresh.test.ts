import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { msFromDuration } from '@credential-renewal/rpc';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { accountId } from './refresh/first-authorization.ts';
import { waiting } from './refresh/refresh-expectations.ts';
import { startRefreshWorld } from './refresh/refresh-world.ts';
import type { StartVault } from './refresh/vault-in-hand.ts';
import { planVaultProcess } from './refresh/vault-process.ts';
import { canBeFull, openSmallDisk, type SmallDisk } from './small-disk.ts';

const failedWrites = 3;

describe.skipIf(!canBeFull)('a vault on a disk that is full', () => {
  let disk: SmallDisk;
  afterEach(() => disk?.dispose());

  test('a token is handed out only when its refresh is stored: with room again, from memory, without a second request', {
    timeout: 180_000,
  }, async () => {
    disk = openSmallDisk();
    const vault = await planVaultProcess({ usualHeap: false, env: disk.env });
    const startVault: StartVault = (place) => {
      symlinkSync(join(disk.directory, 'vault.db'), join(place.directory, 'vault.db'));
      return vault.start(place);
    };
    await using world = await startRefreshWorld({
      ...{ credentials: 1, graceSeconds: 0, firstLifeSeconds: () => 1, startVault },
    });
    const { provider } = world;
    const credentialId = world.credentials[0] ?? '';
    // Else the first token may be served, and rightly.
    await vi.waitFor(async () => {
      const { expiresIn } = await world.vault.readAccessToken({ credentialId });
      expect(msFromDuration(expiresIn)).toBe(0);
    }, waiting);
    // Lease and intent are stored; what the provider has given for the spent token finds no room.
    provider.beforeAnswer = async () => disk.fill(vault.pid());
    const broker = await world.startBroker();
    let handedOut: string | undefined;
    const reading = broker.rpc
      .getAccessToken({
        ...{ accountId, target: { $case: 'credentialId', value: credentialId } as const },
        ...{ minimumRemainingLife: undefined, worker: 'sync' },
      })
      .then(({ accessToken }) => (handedOut = accessToken));
    const isOver = reading.catch(() => undefined);

    await vi.waitFor(
      () => expect(broker.between.answered('completeAttempt')).toBeGreaterThanOrEqual(failedWrites),
      waiting,
    );
    expect(handedOut).toBeUndefined();
    const { accessToken } = await world.vault.readAccessToken({ credentialId });
    expect(accessToken).toBe('first-grant-0');

    disk.makeRoom(vault.pid());
    await isOver;
    await vi.waitFor(async () => {
      const stored = await world.vault.readAccessToken({ credentialId });
      expect(provider.accepts(stored.accessToken)).toBe(true);
    }, waiting);
    expect(provider.tokenRequests()).toBe(1);
    expect(provider.killed()).toEqual([]);
  });
});
