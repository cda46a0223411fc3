import type { Clock } from '@credential-renewal/runtime';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import type { RecordStore, StoredRecord } from './record-store.ts';

/**
 * oidc-provider's storage over our record store.
 *
 * `refreshGraceMs`: how long a spent refresh token is still honoured. oidc-provider knows no grace (a consumed token used
 * again revokes the grant), so within the grace the token is shown to it as unspent. `onSpentTokenUsed` hears of every
 * reuse, forgiven or not; `onRefreshTokenFound` of every look-up, which the token endpoint uses to see overlaps.
 */
export function createOidcAdapterFactory(options: {
  records: RecordStore;
  clock: Clock;
  refreshGraceMs: number;
  onRefreshTokenFound?: (token: string, spent: boolean) => void;
}): AdapterFactory {
  const { records, clock, refreshGraceMs, onRefreshTokenFound } = options;

  function toPayload(model: string, id: string, record: StoredRecord | undefined) {
    if (!record) return undefined;
    const payload = record.payload as AdapterPayload;
    const { consumedAtMs } = record;
    if (model === 'RefreshToken') onRefreshTokenFound?.(id, consumedAtMs !== undefined);
    if (consumedAtMs === undefined) return payload;
    const forgiven = model === 'RefreshToken' && clock.nowMs() - consumedAtMs < refreshGraceMs;
    return forgiven ? payload : { ...payload, consumed: Math.floor(consumedAtMs / 1000) };
  }

  return (model): Adapter => ({
    upsert: (id, payload, expiresInSeconds) =>
      records.put(
        model,
        id,
        payload as Record<string, unknown>,
        expiresInSeconds === undefined ? undefined : expiresInSeconds * 1000,
      ),
    find: async (id) => toPayload(model, id, records.find(model, id)),
    findByUid: async (uid) => toPayload(model, uid, records.findBySessionUid(uid)),
    findByUserCode: async () => undefined,
    consume: async (id) => {
      await records.consume(model, id);
    },
    destroy: (id) => records.destroy(model, id),
    revokeByGrantId: (grantId) => records.destroyGrant(grantId),
  });
}
