import type { StartRenewalRequest } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { checkInput, type InputCheck } from '@credential-renewal/rpc';
import { DomainError, uuidv7 } from '@credential-renewal/runtime';
import { toMessage } from '../authorization/authorization-message.ts';
import {
  createAuthorization,
  type GivenParameters,
} from '../authorization/create-authorization.ts';
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
        ...(credentialId === undefined
          ? await begunBefore(broker, allowed.use?.id ?? '')
          : await accountOf(broker, credentialId, connectorId)),
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

type Account = {
  providerAccount: string;
  expectedIdentityKey?: string;
  /** What it was granted. */
  formerGrant?: ScopeGrant;
  parameters: GivenParameters;
};

/** To be shown, and to hint at; a renewal can begin without it, unless it is to know to which host of the provider it leads. */
async function accountOf(
  broker: BrokerContext,
  credentialId: string,
  connectorId: string,
): Promise<Account> {
  try {
    const { identityMaskedLabel, identityKey, parameters, state, requiredScopes, scopes } =
      await broker.vault.getCredential({ credentialId });
    return {
      providerAccount: identityMaskedLabel,
      expectedIdentityKey: identityKey || undefined,
      formerGrant: state && { status: state.status, requiredScopes, grantedScopes: scopes },
      parameters: { from: 'credential', values: parameters?.values ?? {} },
    };
  } catch (error) {
    const isGone = error instanceof DomainError && error.kind === 'not_found';
    const { variables = {} } = broker.catalogue.connector(connectorId)?.provider ?? {};
    const needsHost = Object.values(variables).some(({ ask }) => ask);
    if (isGone || (isUnavailable(error) && !needsHost))
      return { providerAccount: '', parameters: { from: 'credential', values: {} } };
    throw error;
  }
}

/** What was left unfinished goes on where the person said then; it is remembered for longer than anything may stay unfinished. */
async function begunBefore(broker: BrokerContext, useId: string): Promise<Account> {
  const earlier = await broker.store.findNewestOfUse(useId);
  return {
    providerAccount: '',
    parameters: { from: 'earlier', values: earlier?.parameters ?? {} },
  };
}
