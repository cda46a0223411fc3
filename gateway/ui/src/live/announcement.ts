import type { CredentialStatus } from '@credential-renewal/gateway/http-types';
import { needsRenewal } from '../credential/credential-status.ts';

/** What to say aloud when a status changes under the reader's eyes; nothing for a change that asks nothing of them. */
export function announcementOf(
  name: string,
  before: CredentialStatus,
  after: CredentialStatus,
): string | undefined {
  if (!needsRenewal(before) && needsRenewal(after)) return `${name} needs renewal.`;
  if (needsRenewal(before) && (after === 'healthy' || after === 'expiring')) {
    return `${name} works again.`;
  }
  return undefined;
}
