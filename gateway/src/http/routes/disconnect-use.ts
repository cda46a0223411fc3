import type { DisconnectRequest } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { RouteDeps } from '../route-deps.ts';

/** The person waits for it, and the sweep comes anyway. */
const deadlineMs = 3_000;

/**
 * Tells the broker that a source or connection, which the registry has already marked as deleting, is to be disconnected. When the broker cannot be
 * reached its sweep finds the mark later, so the person who deleted need not wait for it.
 */
export async function disconnectUse(
  { broker, logger }: Pick<RouteDeps, 'broker' | 'logger'>,
  use: NonNullable<DisconnectRequest['use']>,
  userId: string,
): Promise<void> {
  try {
    await broker.disconnect({ use, userId }, { deadlineMs });
  } catch (err) {
    logger.warn(
      { err, [use.$case]: use.value },
      'the broker did not take a disconnect; its sweep will',
    );
  }
}
