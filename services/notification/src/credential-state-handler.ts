import { type CloudEvent, readEventData } from '@credential-renewal/events';
import {
  Actor_Kind,
  CredentialState,
  CredentialStatus,
  Resolver,
} from '@credential-renewal/proto/events/v1/credential';
import type { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';
import type { Clock, Logger } from '@credential-renewal/runtime';
import { usesByRecipient } from './affected-uses.ts';
import { cancelled, episodeSettled, type Notification, type Trouble } from './notification.ts';
import { createNotifier } from './notifier.ts';
import { oneLine } from './one-line.ts';
import type { NotificationStore } from './store/notification-store.ts';
import { observeState, observeTombstone } from './watched-credential.ts';

export type CredentialStateHandlerDeps = {
  store: NotificationStore;
  registry: Pick<RpcClient<typeof SourceRegistryServiceService>, 'describeCredentialUses'>;
  clock: Clock;
  logger: Logger;
  digestWindowMs: number;
  /** Something may be due now. */
  onChanged: () => void;
};

/**
 * Acts on one event of `credential.state`. Every step is idempotent and the version is remembered first, so a crash
 * anywhere is mended by the redelivery, and an older state does nothing.
 */
export function createCredentialStateHandler(
  deps: CredentialStateHandlerDeps,
): (event: CloudEvent) => Promise<void> {
  const { store, logger } = deps;
  const notify = createNotifier(deps);

  async function handleTombstone(credentialId: string): Promise<void> {
    await store.observeCredential(credentialId, (known) => observeTombstone(known, credentialId));
    for (const { id } of await store.listOpenOfCredential(credentialId)) {
      await store.update(id, episodeSettled);
    }
  }

  async function handleState(state: CredentialState): Promise<void> {
    const { credentialId, version } = state;
    const openEpisodeId = episodeThatNeedsSomebody(state);
    const observed = await store.observeCredential(credentialId, (known) =>
      observeState(known, { credentialId, version, openEpisodeId }),
    );
    if (!observed) {
      logger.debug(
        { credential_id: credentialId, version: String(version) },
        'older state ignored',
      );
      return;
    }
    for (const told of await store.listOpenOfCredential(credentialId)) {
      if (told.episodeId !== openEpisodeId) await settle(told, state);
    }
    const trouble = troubleOf(state);
    if (openEpisodeId && trouble) await tell(state, openEpisodeId, trouble);
  }

  async function tell(state: CredentialState, episodeId: string, trouble: Trouble): Promise<void> {
    const { accountId, credentialId } = state;
    const described = await deps.registry.describeCredentialUses({ accountId, credentialId });
    const recipients = usesByRecipient(described);
    if (recipients.length === 0) {
      logger.warn(
        { credential_id: credentialId, episode_id: episodeId },
        'nobody is to be told of an expiry: no use of the credential has a recipient',
      );
    }
    for (const told of recipients) {
      await notify({ kind: 'expired', episodeId, credentialId, accountId, trouble, ...told });
    }
  }

  /** The follow-up is written before the episode is settled, so a crash between the two repeats it, harmlessly. */
  async function settle(told: Notification, state: CredentialState): Promise<void> {
    const { state: delivered } = await store.update(told.id, cancelled);
    if (delivered === 'sent' && endedByItself(state)) {
      const recoveredAtMs = state.since?.getTime() ?? deps.clock.nowMs();
      await notify({ ...told, kind: 'recovered', recoveredAtMs });
    }
    await store.update(told.id, episodeSettled);
  }

  return async (event) => {
    const state = readEventData(event, 'CredentialState', CredentialState.fromJSON);
    if (state) await handleState(state);
    else await handleTombstone(event.subject);
    deps.onChanged();
  };
}

function episodeThatNeedsSomebody(state: CredentialState): string | undefined {
  const dead =
    state.status === CredentialStatus.EXPIRED ||
    state.status === CredentialStatus.INSUFFICIENT_SCOPE;
  return dead ? state.episodeId || undefined : undefined;
}

/** What to tell; undefined where nobody of the account can act. */
function troubleOf({ status, reason, providerName, since }: CredentialState): Trouble | undefined {
  const resolver =
    reason?.resolver === Resolver.USER
      ? 'user'
      : reason?.resolver === Resolver.TENANT_ADMIN
        ? 'tenant_admin'
        : undefined;
  if (!reason || !resolver || !since) return undefined;
  return {
    status: status === CredentialStatus.INSUFFICIENT_SCOPE ? 'insufficient_scope' : 'expired',
    providerName: oneLine(providerName),
    reasonText: oneLine(reason.text, 1000),
    resolver,
    sinceMs: since.getTime(),
  };
}

function endedByItself({ actor, status }: CredentialState): boolean {
  return (
    actor?.kind === Actor_Kind.SYSTEM &&
    (status === CredentialStatus.HEALTHY || status === CredentialStatus.EXPIRING)
  );
}
