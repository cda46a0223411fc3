import type { Delivery, DeliveryState } from '@credential-renewal/gateway/http-types';

export function stateWords(state: DeliveryState): string {
  switch (state) {
    case 'queued':
      return 'Waiting';
    case 'sent':
      return 'Sent';
    case 'delivered':
      return 'Delivered';
    case 'bounced':
      return 'Bounced';
    case 'cancelled':
      return 'Not sent';
    case 'failed':
      return 'Failed';
    default:
      return state satisfies never;
  }
}

const kinds: Record<string, string> = {
  expired: 'Credentials expired',
  expiring: 'Credentials expire soon',
  reminder: 'Reminder',
  recovered: 'Works again',
  drill: 'Drill',
  escalation: 'To a stand-in, since others cannot be reached',
  delayed: 'Delayed for a day',
};

/** A kind of a later release is shown by its own name. */
export function kindWords({ kind, inDigest }: Pick<Delivery, 'kind' | 'inDigest'>): string {
  const words = kinds[kind] ?? kind;
  return inDigest ? `${words}, in a digest` : words;
}
