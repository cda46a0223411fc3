import {
  type DescribeCredentialUsesResponse,
  type DescribeCredentialUsesResponse_Use,
  type Recipient,
  Recipient_Why,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { AffectedUse, Notification, Why } from '../notification.ts';
import { oneLine } from '../sending/one-line.ts';

export type ToldRecipient = Pick<Notification, 'recipient' | 'uses' | 'dependentSources'>;

/**
 * Turns the registry's answer round: per recipient, what of theirs is affected, so that somebody with several sources on
 * one credential is told once. The keepers of a connection are told of the connection; the sources that it backs are
 * named to them, and are no reason to tell anybody by themselves.
 */
export function usesByRecipient({ uses }: DescribeCredentialUsesResponse): ToldRecipient[] {
  const connections = uses.filter((use) => use.use?.$case === 'authorizedConnection');
  const isDependent = (use: DescribeCredentialUsesResponse_Use) =>
    use.use?.$case === 'source' && connections.some((connection) => isBackedBy(use, connection));

  const told = new Map<string, ToldRecipient>();
  for (const use of uses.filter((one) => !isDependent(one))) {
    for (const recipient of use.recipients) {
      const affected = affectedUse(use, recipient);
      if (!affected) continue;
      const entry = told.get(recipient.userId) ?? newEntry(recipient);
      if (!entry.uses.some((known) => known.id === affected.id)) entry.uses.push(affected);
      told.set(recipient.userId, entry);
    }
  }
  const dependentSources = uses
    .filter(isDependent)
    .map((use) => oneLine(use.use?.value.name ?? ''));
  return [...told.values()].map((entry) =>
    entry.uses.some((use) => use.kind === 'authorized_connection')
      ? { ...entry, dependentSources }
      : entry,
  );
}

/** The registry answers with the keepers of the connection as recipients of each source that it backs. */
function isBackedBy(
  source: DescribeCredentialUsesResponse_Use,
  connection: DescribeCredentialUsesResponse_Use,
): boolean {
  return source.recipients.every(({ userId, why }) =>
    connection.recipients.some((keeper) => keeper.userId === userId && keeper.why === why),
  );
}

function newEntry(recipient: Recipient): ToldRecipient {
  return {
    recipient: {
      userId: recipient.userId,
      name: oneLine(recipient.name),
      email: recipient.email.trim(),
    },
    uses: [],
    dependentSources: [],
  };
}

/**
 * Whom to tell where nobody of the recipients can be reached: per administrator, the uses that they can do something about. `only` are
 * the ids of what is meant; none of them known any more: all.
 */
export function usesByAdministrator(
  { uses }: DescribeCredentialUsesResponse,
  only: ReadonlySet<string>,
): ToldRecipient[] {
  const meant = uses.filter(({ use }) => use && only.has(use.value.id));
  const told = new Map<string, ToldRecipient>();
  for (const use of meant.length > 0 ? meant : uses) {
    for (const administrator of use.administrators) {
      const affected = affectedUse(use, administrator);
      if (!affected) continue;
      const entry = told.get(administrator.userId) ?? newEntry(administrator);
      entry.uses.push(affected);
      told.set(administrator.userId, entry);
    }
  }
  return [...told.values()];
}

/** The account's administrators, with everything that uses the credential. */
export function usesForAccountAdministrators({
  uses,
  administrators,
}: DescribeCredentialUsesResponse): ToldRecipient[] {
  return administrators.map((administrator) => ({
    ...newEntry(administrator),
    uses: uses
      .map((use) => affectedUse(use, administrator))
      .filter((use): use is AffectedUse => use !== undefined),
  }));
}

function affectedUse(
  { use, connectorName, workspace }: DescribeCredentialUsesResponse_Use,
  recipient: Recipient,
): AffectedUse | undefined {
  if (!use) return undefined;
  return {
    kind: use.$case === 'source' ? 'source' : 'authorized_connection',
    id: use.value.id,
    name: oneLine(use.value.name),
    connectorName: oneLine(connectorName),
    workspace: workspace && { id: workspace.id, name: oneLine(workspace.name) },
    why: whyOf(recipient.why),
  };
}

function whyOf(why: Recipient_Why): Why {
  switch (why) {
    case Recipient_Why.UNSPECIFIED:
    case Recipient_Why.CREATOR:
      return 'creator';
    case Recipient_Why.OWNER:
      return 'owner';
    case Recipient_Why.SHARED:
      return 'shared';
    case Recipient_Why.CREATOR_LEFT:
      return 'creator_left';
    case Recipient_Why.ADMINISTRATOR:
      return 'administrator';
    default:
      return why satisfies never;
  }
}
