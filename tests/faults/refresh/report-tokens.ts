import type { RefreshWorld } from './refresh-world.ts';

/** A worker was refused with each stored token: all are due now, and the refresh of each will publish an event. */
export async function reportTokens({
  vault,
  credentials,
}: Pick<RefreshWorld, 'vault' | 'credentials'>): Promise<void> {
  await Promise.all(
    credentials.map(async (credentialId) => {
      const { tokenHash } = await vault.readAccessToken({ credentialId });
      await vault.reportRejectedToken({ credentialId, tokenHash, worker: 'sync' });
    }),
  );
}
