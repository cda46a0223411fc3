import type {
  AuditEntry as RegistryAuditEntry,
  Source as RegistrySource,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { AuditEntry, Source } from '../schemas/index.ts';
import { toConnectorSummary } from './connector.ts';
import { toCredential } from './credential.ts';
import { toWaitingDrill } from './drill.ts';
import { optionalTime, required, requiredTime } from './time.ts';

export function toSource(
  source: RegistrySource,
  viewer: { showEvidence: boolean },
  upgradeScopes?: string[],
): Source {
  const creator = required(source.creator, 'creator');
  return {
    id: source.id,
    name: source.name,
    connector: toConnectorSummary(source.connector),
    workspace: source.workspace ?? null,
    creator: { id: creator.id, name: creator.name, left: source.creatorLeft },
    authorizedConnection: source.authorizedConnection ?? null,
    createdAt: requiredTime(source.createdAt, 'created_at'),
    lastSyncedAt: optionalTime(source.lastSyncedAt),
    credential: toCredential(source.credential, source.createdAt, viewer, upgradeScopes),
    canRenew: source.canRenew,
    renewableBy: source.renewableBy,
    canDelete: source.canDelete,
    canTakeOver: source.canTakeOver,
    drill: toWaitingDrill(source.drill),
  };
}

export function toAuditEntry(entry: RegistryAuditEntry): AuditEntry {
  return {
    id: entry.id,
    time: requiredTime(entry.time, 'time'),
    actorName: entry.actorName,
    action: entry.action,
    text: entry.text,
  };
}
