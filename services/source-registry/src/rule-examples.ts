import {
  Actor_Kind,
  CredentialState,
  CredentialStatus,
} from '@credential-renewal/proto/events/v1/credential';
import type { AuditEntry } from './audit-entry.ts';
import type { Drill } from './drill.ts';
import type { Connection, Connector, Source } from './use.ts';
import type { User } from './user.ts';
import type { Membership, Workspace } from './workspace.ts';

/** People and things for the tests of the rules and of the stores, all of one account unless told otherwise. */
export const account = 'acme';

const connector: Connector = {
  id: 'google-drive',
  name: 'Google Drive',
  kind: 'personal',
  providerName: 'Google',
};

export function aUser(id: string, more: Partial<User> = {}): User {
  return {
    id,
    accountId: account,
    issuer: 'https://idp.example',
    subject: id,
    name: id,
    email: `${id}@example.com`,
    role: 'member',
    left: false,
    revision: 1,
    ...more,
  };
}

/** `members`: user id -> membership. */
export function aWorkspace(
  members: Record<string, Membership>,
  more: Partial<Workspace> = {},
): Workspace {
  return {
    id: 'workspace',
    accountId: account,
    name: 'Marketing',
    members: Object.entries(members).map(([userId, membership]) => ({ userId, membership })),
    createdAtMs: 1_000,
    revision: 1,
    ...more,
  };
}

export function aSource(more: Partial<Source> = {}): Source {
  return {
    kind: 'source',
    id: 'source',
    accountId: account,
    name: 'Docs',
    connector,
    creatorId: 'creator',
    createdAtMs: 1_000,
    version: 1,
    revision: 1,
    ...more,
  };
}

export function aConnection(more: Partial<Connection> = {}): Connection {
  return {
    kind: 'connection',
    id: 'connection',
    accountId: account,
    name: 'Company Slack',
    connector: { ...connector, kind: 'enterprise' },
    ownerId: 'owner',
    sharedWith: [],
    createdAtMs: 1_000,
    version: 1,
    revision: 1,
    ...more,
  };
}

/** Healthy, found so by the system, unless told otherwise. */
export function aState(version: number, more: Partial<CredentialState> = {}): CredentialState {
  return {
    ...CredentialState.fromJSON({}),
    credentialId: 'credential',
    accountId: account,
    version: BigInt(version),
    providerName: 'Google',
    status: CredentialStatus.HEALTHY,
    since: new Date(1_000),
    actor: { kind: Actor_Kind.SYSTEM, id: 'oauth-broker' },
    ...more,
  };
}

export function aDrill(more: Partial<Drill> = {}): Drill {
  return {
    id: 'drill',
    version: 1,
    credentialId: 'credential',
    startedBy: { id: 'admin', name: 'Alma' },
    startedAtMs: 1_000,
    endsAtMs: 100_000,
    recipients: [{ id: 'creator', name: 'Ada' }],
    ...more,
  };
}

export function anAuditEntry(more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    useId: 'source',
    position: 1,
    timeMs: 1_000,
    actorName: 'Ada',
    action: 'source.created',
    text: 'Ada created the source.',
    ...more,
  };
}
