import {
  createConsumer,
  type EventLog,
  type LoggedEvent,
  readEventData,
  type Subscription,
} from '@credential-renewal/events';
import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import type { Logger } from '@credential-renewal/runtime';
import { applyCredentialState, forgetCredential } from './credential-states.ts';
import type { RegistryDeps } from './registry-deps.ts';

/**
 * Follows `credential.state`. Applying a state twice, or an older one, changes nothing, so the versions alone settle
 * redelivery and an inbox would add nothing.
 */
export function createCredentialStateConsumer(
  deps: RegistryDeps,
  options: { eventLog: EventLog; logger: Logger },
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
