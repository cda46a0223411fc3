import { buildEvent, type CloudEvent } from '@credential-renewal/events';
import {
  Actor_Kind,
  CredentialState,
  CredentialStatus,
  Resolver,
} from '@credential-renewal/proto/events/v1/credential';
import type { DeepPartial } from '@credential-renewal/proto/source_registry/v1/source_registry';
import {
  DescribeCredentialUsesResponse,
  type DescribeCredentialUsesResponse_Use,
  Recipient_Why,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { AffectedUse, Notification } from '../notification.ts';
import { cancelled } from '../notification-steps.ts';
import type { NotificationStore } from '../store/notification-store.ts';

export const startMs = Date.UTC(2026, 4, 3, 14, 5);

export function makeUse(changes: Partial<AffectedUse> = {}): AffectedUse {
  return {
    kind: 'source',
    id: 'source-1',
    name: 'Team Drive',
    connectorName: 'Google Drive',
    workspace: undefined,
    why: 'creator',
    ...changes,
  };
}

export function makeNotification(changes: Partial<Notification> = {}): Notification {
  return {
    id: '0190-notification-1',
    kind: 'expired',
    episodeId: 'episode-1',
    credentialId: 'credential-1',
    accountId: 'account-1',
    recipient: { userId: 'user-ann', name: 'Ann', email: 'ann@example.com' },
    state: 'waiting',
    episodeOpen: true,
    createdAtMs: startMs,
    dueAtMs: startMs,
    inDigest: false,
    attempts: 0,
    trouble: {
      status: 'expired',
      providerName: 'Google',
      reasonText: 'Google says that the access was withdrawn (seen on 3 May).',
      resolver: 'user',
      sinceMs: startMs,
    },
    uses: [makeUse()],
    dependentSources: [],
    ...changes,
  };
}

/** A cancel, as the end of an episode makes it. */
export const cancelledNow = (notification: Notification): Notification =>
  cancelled(notification, { atMs: startMs, code: 'over' });

/** What a sender is offered first, whenever it is due. */
export async function firstDue(store: NotificationStore): Promise<Notification | undefined> {
  return (await store.listDue(Number.MAX_SAFE_INTEGER, 1))[0];
}

/** `credential.state` of a credential that died, unless `changes` say otherwise. */
export function makeState(
  changes: Parameters<typeof CredentialState.fromPartial>[0] = {},
): CredentialState {
  return CredentialState.fromPartial({
    credentialId: 'credential-1',
    accountId: 'account-1',
    version: 2n,
    providerId: 'google',
    providerName: 'Google',
    status: CredentialStatus.EXPIRED,
    since: new Date(startMs),
    reason: {
      code: 'access_withdrawn',
      text: 'Google says that the access was withdrawn (seen on 3 May).',
      resolver: Resolver.USER,
    },
    episodeId: 'episode-1',
    actor: { kind: Actor_Kind.SYSTEM, id: 'oauth-broker' },
    ...changes,
  });
}

/** The state after the trouble: healthy, and ended by `kind`. */
export function makeHealthy(
  kind: Actor_Kind,
  changes: Parameters<typeof makeState>[0] = {},
): CredentialState {
  return makeState({
    version: 3n,
    status: CredentialStatus.HEALTHY,
    reason: undefined,
    episodeId: undefined,
    since: new Date(startMs + 60_000),
    actor: { kind, id: 'somebody' },
    ...changes,
  });
}

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

export function makeEvent(state: CredentialState): CloudEvent {
  return event(state.credentialId, Number(state.version), CredentialState.toJSON(state));
}

export function makeTombstone(credentialId: string): CloudEvent {
  return event(credentialId, 99, null);
}

function event(credentialId: string, sequence: number, data: unknown): CloudEvent {
  return buildEvent({
    source: '/credential-vault',
    topic: 'credential.state',
    subject: credentialId,
    key: credentialId,
    sequence,
    schema: 'CredentialState',
    data,
    nowMs: startMs,
    traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
  });
}

type Use = DeepPartial<DescribeCredentialUsesResponse_Use>;

export const ann = {
  userId: 'user-ann',
  name: 'Ann',
  email: 'ann@example.com',
  why: Recipient_Why.CREATOR,
};

export function sourceUse(id: string, recipients: Use['recipients'] = [ann], more: Use = {}): Use {
  return {
    use: { $case: 'source', value: { id, name: `Name of ${id}` } },
    connectorName: 'Google Drive',
    recipients,
    ...more,
  };
}

export function connectionUse(id: string, recipients: Use['recipients']): Use {
  return {
    use: { $case: 'authorizedConnection', value: { id, name: `Name of ${id}` } },
    connectorName: 'Slack Enterprise',
    recipients,
  };
}

export function describe(...uses: Use[]): DescribeCredentialUsesResponse {
  return DescribeCredentialUsesResponse.fromPartial({ uses });
}
