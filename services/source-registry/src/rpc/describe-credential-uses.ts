import {
  type DescribeCredentialUsesResponse_Use,
  Recipient_Why,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { checkInput } from '@credential-renewal/rpc';
import { successorsOf } from '../access/source-access.ts';
import { named } from '../messages.ts';
import { type Recipient, recipientsOfConnection, recipientsOfSource } from '../recipients.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { readSurroundings, type Surroundings } from '../surroundings.ts';
import type { Use } from '../use.ts';
import type { User } from '../user.ts';

/**
 * A mail names no more, and the answer must stay below the size limit of a message: so many uses, and so many recipients
 * over all of them. The oldest uses come first, and a connection is older than the sources it backs.
 */
const maxUses = 500;
const maxRecipients = 3_000;

export function describeCredentialUses(
  deps: RegistryDeps,
): RegistryHandler<'describeCredentialUses'> {
  return async ({ accountId, credentialId, administrators }) => {
    checkInput((check) => {
      check.id('account_id', accountId);
      check.id('credential_id', credentialId);
    });
    const account = await deps.users.findAccount(accountId);
    const uses = await deps.uses.listUsesOfCredential({ accountId, credentialId, limit: maxUses });
    const surroundings = await readSurroundings(deps, accountId, uses);
    return {
      account: account && named(account),
      uses: cut(
        uses.map((use) => ({
          ...describe(use, surroundings),
          administrators: administrators
            ? administratorsOf(use, surroundings).map(administratorMessage)
            : [],
        })),
      ),
      administrators: administrators
        ? surroundings.accountAdmins.map(administratorMessage).slice(0, maxRecipients)
        : [],
    };
  };
}

/** The first is always there, whole. */
function cut(uses: DescribeCredentialUsesResponse_Use[]): DescribeCredentialUsesResponse_Use[] {
  let recipients = 0;
  return uses.filter((use, index) => {
    recipients += use.recipients.length + use.administrators.length;
    return index === 0 || recipients <= maxRecipients;
  });
}

/** Whom to turn to where nobody of its recipients can be reached (semantics 26). */
function administratorsOf(use: Use, surroundings: Surroundings): readonly User[] {
  return use.kind === 'connection'
    ? surroundings.accountAdmins
    : successorsOf(surroundings.of(use));
}

function describe(
  use: Use,
  surroundings: Surroundings,
): Omit<DescribeCredentialUsesResponse_Use, 'administrators'> {
  const connectorName = use.connector.name;
  if (use.kind === 'connection') {
    return {
      use: { $case: 'authorizedConnection', value: named(use) },
      connectorName,
      recipients: recipientsOfConnection(use, surroundings).map(recipientMessage),
    };
  }
  const around = surroundings.of(use);
  return {
    use: { $case: 'source', value: named(use) },
    connectorName,
    workspace: around.workspace && named(around.workspace),
    recipients: recipientsOfSource(use, around).map(recipientMessage),
  };
}

function recipientMessage({ user, why }: Recipient) {
  return { userId: user.id, name: user.name, email: user.email, why: whyMessage(why) };
}

function administratorMessage({ id, name, email }: User) {
  return { userId: id, name, email, why: Recipient_Why.ADMINISTRATOR };
}

function whyMessage(why: Recipient['why']): Recipient_Why {
  switch (why) {
    case 'creator':
      return Recipient_Why.CREATOR;
    case 'owner':
      return Recipient_Why.OWNER;
    case 'shared':
      return Recipient_Why.SHARED;
    case 'creator_left':
      return Recipient_Why.CREATOR_LEFT;
    default:
      return why satisfies never;
  }
}
