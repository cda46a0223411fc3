import { type EventLog, readEventData, type Subscription } from '@credential-renewal/events';
import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import type { Logger } from '@credential-renewal/runtime';
import type { AccessTokenCache } from './access-token-cache.ts';
import type { CredentialTargets } from './credential-targets.ts';

/** Larger than any version: after a tombstone nothing that was read before may be kept. */
const forever = 2n ** 63n - 1n;

/** Drops what is cached of a credential when its state moves on, whichever replica moved it. */
export function tailCredentialStates(deps: {
  eventLog: EventLog;
  tokens: AccessTokenCache;
  targets: CredentialTargets;
  logger: Logger;
}): Promise<Subscription> {
  const { tokens, targets, logger } = deps;
  return deps.eventLog.tail({
    topics: ['credential.state'],
    from: 'end',
    handle({ event }) {
      try {
        if (event.data === null) {
          tokens.drop(event.subject, forever);
          targets.dropCredential(event.subject);
          return;
        }
        const state = readEventData(event, 'CredentialState', CredentialState.fromJSON);
        if (state) tokens.drop(state.credentialId, state.version);
      } catch (err) {
        // Dropping too much costs one read; keeping a dead token would cost a customer.
        tokens.forget(event.subject);
        logger.error({ err, event_id: event.id }, 'a credential state could not be read');
      }
    },
  });
}
