import {
  type CredentialState,
  CredentialStatus,
  Resolver,
} from '@credential-renewal/proto/events/v1/credential';
import type { Trouble } from '../notification.ts';
import { oneLine } from '../sending/one-line.ts';

/** What to tell of an expiry; undefined where nobody of the account can act. */
export function expiryTrouble(state: CredentialState): Trouble | undefined {
  const { status } = state;
  const resolver = resolverOf(state);
  if (!resolver || resolver === 'operator') return undefined;
  return troubleOf(state, {
    status: status === CredentialStatus.INSUFFICIENT_SCOPE ? 'insufficient_scope' : 'expired',
    resolver,
  });
}

/** What to tell of a life that ends and that only a renewal prolongs. */
export function lifeTrouble(state: CredentialState): Trouble | undefined {
  return troubleOf(state, { status: 'expiring', resolver: 'user' });
}

/** What to tell of trouble that nobody of the account can mend; undefined where there is none. */
export function delayTrouble(state: CredentialState): Trouble | undefined {
  return state.status === CredentialStatus.DELAYED
    ? troubleOf(state, { status: 'delayed', resolver: 'operator' })
    : undefined;
}

function troubleOf(
  { reason, providerName, since }: CredentialState,
  more: Pick<Trouble, 'status' | 'resolver'>,
): Trouble | undefined {
  if (!reason || !since) return undefined;
  return {
    ...more,
    providerName: oneLine(providerName),
    reasonText: oneLine(reason.text, 1000),
    sinceMs: since.getTime(),
  };
}

function resolverOf({ reason }: CredentialState): Trouble['resolver'] | undefined {
  const resolver = reason?.resolver;
  switch (resolver) {
    case Resolver.USER:
      return 'user';
    case Resolver.TENANT_ADMIN:
      return 'tenant_admin';
    case Resolver.OPERATOR:
      return 'operator';
    case Resolver.UNSPECIFIED:
    case undefined:
      return undefined;
    default:
      return resolver satisfies never;
  }
}
