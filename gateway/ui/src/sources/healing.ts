import type { AuditEntry } from '@credential-renewal/gateway/http-types';

/** How something came to work again. */
export type Healing = { how: 'renewed' | 'recovered'; actorName: string; time: string };

const actions: Record<string, Healing['how']> = {
  'credential.renewed': 'renewed',
  'credential.account-switched': 'renewed',
  'credential.recovered': 'recovered',
};

/** The newest healing that a history (newest first) tells of. */
export function lastHealing(history: readonly AuditEntry[]): Healing | undefined {
  for (const { action, actorName, time } of history) {
    const how = actions[action];
    if (how !== undefined) return { how, actorName, time };
  }
  return undefined;
}
