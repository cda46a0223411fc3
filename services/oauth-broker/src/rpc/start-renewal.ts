import type { StartRenewalRequest } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { checkInput, type InputCheck } from '@credential-renewal/rpc';
import { DomainError, uuidv7 } from '@credential-renewal/runtime';
import { toMessage } from '../authorization/authorization-message.ts';
import { createAuthorization } from '../authorization/create-authorization.ts';
import type { BrokerContext } from '../broker-context.ts';
import type { ScopeGrant } from '../catalogue/scope-upgrade.ts';
import { isUnavailable } from '../retry-unavailable.ts';
import type { BrokerHandlers } from './broker-handlers.ts';
import { returnToLimits } from './input-limits.ts';

type EntryPoint = NonNullable<StartRenewalRequest['entryPoint']>;

/** The registry decides from which entry point who may renew what, and says what it heals (semantics 16 and 20). */
export function startRenewal(broker: BrokerContext): BrokerHandlers['startRenewal'] {
  return async (request) => {
    const { entryPoint, userId, returnTo, switchIdentity } = request;
    checkInput((check) => {
      check.id('user_id', userId);
      check.oneof('entry_point', entryPoint);
      if (entryPoint) checkEntryPoint(check, entryPoint);
      check.text('return_to', returnTo, returnToLimits);
    });
    const allowed = await broker.registry.authorizeRenewal({ callerUserId: userId, entryPoint });
    const { credentialId, accountId, connectorId, connectorIds, heals } = allowed;
    const authorization = await createAuthorization(
      broker,
      uuidv7(broker.clock.nowMs()),
      {
        accountId,
        userId,
        use: {
          kind: entryPoint?.$case === 'authorizedConnections' ? 'authorized_connection' : 'source',
          id: allowed.use?.id ?? '',
        },
        credentialId,
        connectorId,
        connectorIds,
        heals,
      },
      {
        returnTo,
        switchIdentity,
        ...(await knownBefore(broker, credentialId)),
      },
    );
    return { authorization: toMessage(authorization, broker.clock.nowMs()) };
  };
}

function checkEntryPoint(check: InputCheck, entryPoint: EntryPoint): void {
  switch (entryPoint.$case) {
    case 'mySources':
      check.id('my_sources.source_id', entryPoint.value.sourceId);
      return;
    case 'workspace':
      check.id('workspace.workspace_id', entryPoint.value.workspaceId);
      check.id('workspace.source_id', entryPoint.value.sourceId);
      return;
    case 'authorizedConnections':
      check.id(
        'authorized_connections.authorized_connection_id',
        entryPoint.value.authorizedConnectionId,
      );
      return;
    default:
      entryPoint satisfies never;
  }
}

/** To be shown, and to hint at; a renewal can begin without it. */
async function knownBefore(
  broker: BrokerContext,
  credentialId: string | undefined,
): Promise<{ providerAccount: string; expectedIdentityKey?: string; formerGrant?: ScopeGrant }> {
  const unknown = { providerAccount: '' };
  if (credentialId === undefined) return unknown;
  try {
    const { identityMaskedLabel, identityKey, state, requiredScopes, scopes } =
      await broker.vault.getCredential({ credentialId });
    return {
      providerAccount: identityMaskedLabel,
      expectedIdentityKey: identityKey || undefined,
      formerGrant: state && { status: state.status, requiredScopes, grantedScopes: scopes },
    };
  } catch (error) {
    if (isUnavailable(error) || (error instanceof DomainError && error.kind === 'not_found'))
      return unknown;
    throw error;
  }
}
