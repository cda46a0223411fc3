import {
  createConsumer,
  type EventLog,
  type LoggedEvent,
  readEventData,
  type Subscription,
} from '@credential-renewal/events';
import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import type { Clock, Logger } from '@credential-renewal/runtime';
import type { Registry } from 'prom-client';
import { applyCredentialState, forgetCredential } from './credential-states.ts';
import type { RegistryDeps } from './registry-deps.ts';

/**
 * Follows `credential.state`. Applying a state twice, or an older one, changes nothing, so the versions alone settle
 * redelivery and an inbox would add nothing.
 */
export function createCredentialStateConsumer(
  deps: RegistryDeps,
  options: { eventLog: EventLog; logger: Logger; metrics: Registry; clock: Clock },
): Promise<Subscription> {
  return createConsumer({
    ...options,
    group: 'source-registry',
    topics: ['credential.state'],
    handle: ({ event }: LoggedEvent) => {
      const state = readEventData(event, 'CredentialState', CredentialState.fromJSON);
      return state ? applyCredentialState(deps, state) : forgetCredential(deps, event.subject);
    },
  });
}
