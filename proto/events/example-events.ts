import {
  CredentialRenewed_Cause as Cause,
  CredentialExpired,
  CredentialExpiring,
  CredentialRenewed,
  CredentialState,
  Actor_Kind as Kind,
  type Reason,
  Resolver,
  CredentialStatus as Status,
  VerdictClass,
} from '../generated/events/v1/credential.ts';
import { SourceDrill, SourceDrillEnd } from '../generated/events/v1/drill.ts';
import { SourceCredentialState } from '../generated/events/v1/source.ts';

/** What one event looks like, before its envelope; `data` null: a tombstone. */
export type ExampleEvent = {
  /** Of the message in the AsyncAPI document, and of the file. */
  name: string;
  summary: string;
  topic: string;
  id: string;
  time: Date;
  key: string;
  sequence: number;
  data: unknown;
};

const credentialId = '019bbc05-f39f-7a3b-9c55-2f0a8e4b7d10';
const sourceId = '019bbc05-d714-7c0e-8b6f-6a1d3e9f2c47';
const accountId = '019a48f1-d6e4-7f21-a2d8-93be50c6f1a4';
const creatorId = '019a48f2-0a10-7b92-8e13-d7c4a05b6e29';
const episodeId = '019cad9d-dd48-7d64-b1c8-4e5f6a7b8c9d';
const expiredAt = new Date('2026-03-02T08:15:30.120Z');
const renewedAt = new Date('2026-03-02T09:41:07.655Z');
const drillStartedAt = new Date('2026-04-13T09:00:00.000Z');
const removedAt = new Date('2026-04-20T16:02:44.003Z');

const reason: Reason = {
  code: 'access_withdrawn',
  text: 'Orchard Drive says that the access was withdrawn (seen on 2 March).',
  resolver: Resolver.USER,
  evidence: {
    error: 'invalid_grant',
    description: 'Token has been expired or revoked.',
    httpStatus: 400,
    verdictClass: VerdictClass.DEAD,
    seenAt: expiredAt,
  },
};

const ofCredential = { credentialId, accountId, providerId: 'orchard' };

/** One story: a grant is withdrawn, its creator renews it, and weeks later the source is deleted. And one that ends on a day. */
export const exampleEvents: readonly ExampleEvent[] = [
  {
    name: 'CredentialState',
    summary: 'A withdrawn grant.',
    topic: 'credential.state',
    id: '019cad9d-dd48-7b1c-8d2e-1a2b3c4d5e6f',
    time: expiredAt,
    key: credentialId,
    sequence: 4,
    data: CredentialState.toJSON({
      ...ofCredential,
      version: 4n,
      providerName: 'Orchard Drive',
      clientId: 'orchard-drive',
      status: Status.EXPIRED,
      since: expiredAt,
      expiresAt: undefined,
      reason,
      episodeId,
      lastRenewedAt: undefined,
      missingScopes: [],
      actor: { kind: Kind.SYSTEM, id: 'oauth-broker' },
    }),
  },
  {
    name: 'CredentialStateTombstone',
    summary: 'The credential is gone.',
    topic: 'credential.state',
    id: '019daba1-3ca3-7e90-a4b5-5c6d7e8f9a0b',
    time: removedAt,
    key: credentialId,
    sequence: 7,
    data: null,
  },
  {
    name: 'CredentialExpiring',
    summary: 'A week is left.',
    topic: 'credential.expiring',
    id: '019cae6b-6600-7c58-9e6f-2b3c4d5e6f70',
    time: new Date('2026-03-02T12:00:00.000Z'),
    key: '019b02fb-9200-7d4f-8a91-0c1d2e3f4a5b',
    sequence: 1,
    data: CredentialExpiring.toJSON({
      ...ofCredential,
      credentialId: '019b02fb-9200-7d4f-8a91-0c1d2e3f4a5b',
      version: 2n,
      expiresAt: new Date('2026-03-09T12:00:00.000Z'),
      daysLeft: 7,
    }),
  },
  {
    name: 'CredentialExpired',
    summary: 'A withdrawn grant: whoever may renew the credential can end it.',
    topic: 'credential.expired',
    id: '019cad9d-dd48-7c2d-9e3f-2b3c4d5e6f71',
    time: expiredAt,
    key: credentialId,
    sequence: 1,
    data: CredentialExpired.toJSON({
      ...ofCredential,
      version: 4n,
      episodeId,
      expiredAt,
      reason,
    }),
  },
  {
    name: 'CredentialRenewed',
    summary: 'Its creator has renewed it.',
    topic: 'credential.renewed',
    id: '019cadec-41c7-7d3e-8f40-3c4d5e6f7182',
    time: renewedAt,
    key: credentialId,
    sequence: 1,
    data: CredentialRenewed.toJSON({
      ...ofCredential,
      version: 5n,
      episodeId,
      cause: Cause.RENEWED,
      unusableSince: expiredAt,
      renewedAt,
      actor: { kind: Kind.USER, id: creatorId },
    }),
  },
  {
    name: 'SourceCredentialState',
    summary: 'A source whose credential is dead.',
    topic: 'source.credential-state',
    id: '019cad9d-dd54-7e4f-9051-4d5e6f718293',
    time: new Date('2026-03-02T08:15:30.132Z'),
    key: sourceId,
    sequence: 3,
    data: SourceCredentialState.toJSON({
      sourceId,
      authorizedConnectionId: undefined,
      accountId,
      name: 'Quarterly reports',
      connectorId: 'orchard-drive',
      workspaceId: undefined,
      creatorId,
      version: 3n,
      credentialId,
      status: Status.EXPIRED,
      since: expiredAt,
      episodeId,
      reason,
      sharedWith: [],
    }),
  },
  {
    name: 'SourceCredentialStateTombstone',
    summary: 'The source is gone.',
    topic: 'source.credential-state',
    id: '019daba1-34e2-7f50-a162-5e6f718293a4',
    time: new Date('2026-04-20T16:02:42.018Z'),
    key: sourceId,
    sequence: 5,
    data: null,
  },
  {
    name: 'SourceDrill',
    summary:
      'An administrator rehearsed an expiry, and the one person who was told reacted an hour later: it is over.',
    topic: 'source.drill',
    id: '019d86b1-9a80-7a61-b273-6f8a9b0c1d2e',
    time: new Date('2026-04-13T10:02:11.480Z'),
    key: sourceId,
    sequence: 2,
    data: SourceDrill.toJSON({
      drillId: '019d8678-a280-7b52-8c64-5d6e7f8091a2',
      sourceId,
      authorizedConnectionId: undefined,
      accountId,
      name: 'Quarterly reports',
      credentialId,
      providerName: 'Orchard Drive',
      version: 2,
      startedBy: '019a48f2-1b20-7c93-9f24-e8d5b16c7f30',
      startedAt: drillStartedAt,
      endsAt: new Date('2026-04-20T09:00:00.000Z'),
      endedAt: new Date('2026-04-13T10:02:11.480Z'),
      end: SourceDrillEnd.ALL_REACTED,
      recipients: [{ userId: creatorId, reactedAt: new Date('2026-04-13T10:02:11.480Z') }],
    }),
  },
];
