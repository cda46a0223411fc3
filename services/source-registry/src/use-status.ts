import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import type { Use } from './use.ts';

/** How a use stands, as lists filter it. */
export const useStatuses = [
  'pending',
  'healthy',
  'expiring',
  'delayed',
  'expired',
  'insufficient_scope',
  'revoking',
] as const;
export type UseStatus = (typeof useStatuses)[number];

export function statusOf(use: Pick<Use, 'credential'>): UseStatus {
  const status = use.credential?.status ?? CredentialStatus.UNSPECIFIED;
  switch (status) {
    case CredentialStatus.UNSPECIFIED:
      return 'pending';
    case CredentialStatus.HEALTHY:
      return 'healthy';
    case CredentialStatus.EXPIRING:
      return 'expiring';
    case CredentialStatus.DELAYED:
      return 'delayed';
    case CredentialStatus.EXPIRED:
      return 'expired';
    case CredentialStatus.INSUFFICIENT_SCOPE:
      return 'insufficient_scope';
    case CredentialStatus.REVOKING:
      return 'revoking';
    default:
      return status satisfies never;
  }
}

/** The statuses that only a renewal ends: what the pages show in red. */
export const needsRenewal: ReadonlySet<UseStatus> = new Set<UseStatus>([
  'expired',
  'insufficient_scope',
]);
