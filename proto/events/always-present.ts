/**
 * Fields that are in every event of ours, by message and JSON name: `required` in the schemas. The proto cannot say it (in proto3
 * JSON everything may be absent), and without it no consumer could rely on an id. A promise: an entry may be added only with
 * its message, because records of a compacted topic that are older than the field do not have it, and none may go.
 */
export const alwaysPresent: Readonly<Record<string, readonly string[]>> = {
  Actor: ['kind', 'id'],
  Evidence: ['verdictClass', 'seenAt'],
  Reason: ['code', 'text', 'resolver'],
  CredentialState: [
    'credentialId',
    'accountId',
    'version',
    'providerId',
    'providerName',
    'clientId',
    'status',
    'since',
    'actor',
  ],
  CredentialExpiring: [
    'credentialId',
    'accountId',
    'version',
    'providerId',
    'expiresAt',
    'daysLeft',
  ],
  CredentialExpired: [
    'credentialId',
    'accountId',
    'version',
    'providerId',
    'episodeId',
    'expiredAt',
    'reason',
  ],
  CredentialRenewed: [
    'credentialId',
    'accountId',
    'version',
    'providerId',
    'cause',
    'renewedAt',
    'actor',
  ],
  SourceDrill: [
    'drillId',
    'accountId',
    'name',
    'credentialId',
    'providerName',
    'version',
    'startedBy',
    'startedAt',
    'endsAt',
    'recipients',
  ],
  SourceDrillRecipient: ['userId'],
  SourceCredentialState: ['accountId', 'name', 'connectorId', 'creatorId', 'version', 'since'],
};
