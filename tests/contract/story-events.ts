import { buildEvent, type CloudEvent, type Topic } from '@credential-renewal/events';
import {
  type CredentialRenewed_Cause as Cause,
  CredentialExpired,
  CredentialRenewed,
  CredentialState,
  Actor_Kind as Kind,
  type Reason,
  Resolver,
  CredentialStatus as Status,
} from '@credential-renewal/proto/events/v1/credential';
import { SourceCredentialState } from '@credential-renewal/proto/events/v1/source';

const startMs = Date.UTC(2026, 0, 5);
const accountId = 'account';
const system = { kind: Kind.SYSTEM, id: 'oauth-broker' };
const reason: Reason = {
  code: 'access_withdrawn',
  text: 'The access was withdrawn.',
  resolver: Resolver.USER,
  evidence: undefined,
};

type Story = {
  /** A version each: in which status, and in which episode. */
  state(status: Status, episode?: string): CloudEvent;
  gone(): CloudEvent;
  /** Of the last version. */
  expired(): CloudEvent;
  renewed(cause: Cause): CloudEvent;
};

/** The events of one credential, as the vault numbers them. */
export function tellOfCredential(credentialId: string): Story {
  const sequences = new Map<Topic, number>();
  let version = 0;
  let episodeId: string | undefined;
  const common = () => ({
    credentialId,
    accountId,
    version: BigInt(version),
    providerId: 'orchard',
  });
  const at = () => new Date(startMs + version * 1000);
  const event = (topic: Topic, schema: string, data: unknown): CloudEvent => {
    const sequence = (sequences.get(topic) ?? 0) + 1;
    sequences.set(topic, sequence);
    const [subject, key] = [credentialId, credentialId];
    const nowMs = at().getTime();
    return buildEvent({
      source: '/credential-vault',
      topic,
      subject,
      key,
      sequence,
      data,
      schema,
      nowMs,
    });
  };
  return {
    state(status, episode) {
      version++;
      episodeId = episode;
      return event(
        'credential.state',
        'CredentialState',
        CredentialState.toJSON({
          ...common(),
          providerName: 'Orchard',
          clientId: 'orchard-drive',
          status,
          since: at(),
          expiresAt: undefined,
          reason: episode === undefined ? undefined : reason,
          episodeId,
          lastRenewedAt: undefined,
          missingScopes: [],
          actor: system,
        }),
      );
    },
    gone: () => event('credential.state', 'CredentialState', null),
    expired: () =>
      event(
        'credential.expired',
        'CredentialExpired',
        CredentialExpired.toJSON({
          ...common(),
          episodeId: episodeId ?? '',
          expiredAt: at(),
          reason,
        }),
      ),
    renewed: (cause) =>
      event(
        'credential.renewed',
        'CredentialRenewed',
        CredentialRenewed.toJSON({
          ...common(),
          episodeId: undefined,
          cause,
          unusableSince: undefined,
          renewedAt: at(),
          actor: system,
        }),
      ),
  };
}

/** One version of a source; null: its tombstone. */
export function sourceEvent(sourceId: string, version: number, status: Status | null): CloudEvent {
  const nowMs = startMs + version * 1000;
  return buildEvent({
    source: '/source-registry',
    topic: 'source.credential-state',
    subject: sourceId,
    key: sourceId,
    sequence: version,
    schema: 'SourceCredentialState',
    nowMs,
    data:
      status === null
        ? null
        : SourceCredentialState.toJSON({
            sourceId,
            authorizedConnectionId: undefined,
            accountId,
            name: `Source, version ${version}`,
            connectorId: 'orchard-drive',
            workspaceId: undefined,
            creatorId: 'creator',
            version: BigInt(version),
            credentialId: 'credential',
            status,
            since: new Date(nowMs),
            episodeId: undefined,
            reason: status === Status.HEALTHY ? undefined : reason,
            sharedWith: [],
          }),
  });
}
