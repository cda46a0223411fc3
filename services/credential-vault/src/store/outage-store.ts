import type { OutageWatch } from '../rules/outage-breaker.ts';

export type StoredOutage = { watch: OutageWatch; version: number };

/** What is known of each client of a provider, shared by all replicas: one document each, changed by one conditional write. */
export type OutageStore = {
  find(client: { providerId: string; clientId: string }): Promise<StoredOutage | undefined>;
  /** `version`: as it was read; 0 where there was none. False: somebody else was faster; nothing is written then. */
  replace(watch: OutageWatch, version: number): Promise<boolean>;
  /** Those with a hold, or with one that is still being settled. */
  listActive(): Promise<StoredOutage[]>;
  /** All of them: as many as there are clients with deaths. */
  list(): Promise<StoredOutage[]>;
};

export function outageId({
  providerId,
  clientId,
}: {
  providerId: string;
  clientId: string;
}): string {
  return JSON.stringify([providerId, clientId]);
}

export function isActive({ hold, settling }: OutageWatch): boolean {
  return hold !== undefined || settling !== undefined;
}

/** As it is known now: what is undefined is not stored, and records of older releases lack the decisions. */
export function whole(stored: OutageWatch): OutageWatch {
  const { hold, settling, decisions = [] } = stored;
  return { ...stored, hold, settling, decisions };
}
