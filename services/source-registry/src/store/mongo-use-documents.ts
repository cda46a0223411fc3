import { outboxFields } from '@credential-renewal/events/mongo';
import {
  type DocumentRecord,
  type MongoDatabase,
  type MongoDocuments,
  openDocuments,
} from '@credential-renewal/storage/mongo';
import { runningDrill } from '../drill.ts';
import { responsibleOf, type Use } from '../use.ts';
import { needsRenewal, statusOf } from '../use-status.ts';
import { waitingAuditFields } from './mongo-audit-entries.ts';
import { readUseDocument, type UseDocument } from './use-document.ts';

/** The collection of uses. A use's revision is the version of its record. */
export type UseDocuments = MongoDocuments<UseDocument>;

const fields = {
  kind: String,
  accountId: String,
  responsibleId: String,
  workspaceId: String,
  connectionId: String,
  credentialId: String,
  credentialVersion: String,
  status: String,
  /** 1: only a renewal mends it. To be summed up. */
  red: Number,
  createdAtMs: Number,
  pendingSinceMs: Number,
  deletingSinceMs: Number,
  /** Of a running drill. */
  drillEndsAtMs: Number,
};
type UseFields = { [Field in keyof typeof fields]: string | number | undefined };

const noFields = Object.fromEntries(
  Object.keys(fields).map((field) => [field, undefined]),
) as UseFields;

export function openUseDocuments(database: MongoDatabase): UseDocuments {
  return openDocuments<UseDocument>({
    ...{ database, name: 'uses', schemaVersion: 1 },
    fieldsOf: (document, version) => useFields(readUseDocument(document, version)),
    fields: { ...fields, lastSyncedAtMs: Number, ...waitingAuditFields, ...outboxFields },
    retiredKeeps: Object.keys(waitingAuditFields),
  });
}

/** What it takes to read a use; what waits in its record may be much more. */
export const readFields: readonly string[] = ['version', 'document', 'lastSyncedAtMs'];

export function readUse(record: DocumentRecord<UseDocument> & Record<string, unknown>): Use {
  const { document, version, lastSyncedAtMs } = record;
  return readUseDocument(document, version, lastSyncedAtMs as number | undefined);
}

/** A version of a credential as digits of one length, so that versions compare as text: no number type of the database is needed. */
export function versionText(version: bigint): string {
  return version.toString().padStart(20, '0');
}

/** What a use is looked for by. One that is deleting is in no list, so it has nothing that the lists ask for. */
function useFields(use: Use): UseFields {
  const { kind, deleting, credential } = use;
  if (deleting) return { ...noFields, kind, deletingSinceMs: deleting.sinceMs };
  const source = use.kind === 'source' ? use : undefined;
  const status = statusOf(use);
  return {
    kind,
    accountId: use.accountId,
    responsibleId: responsibleOf(use),
    workspaceId: source?.workspaceId,
    connectionId: source?.authorizedConnectionId,
    credentialId: credential?.credentialId,
    credentialVersion: credential && versionText(credential.version),
    status,
    red: needsRenewal.has(status) ? 1 : 0,
    createdAtMs: use.createdAtMs,
    pendingSinceMs: use.pendingSinceMs,
    deletingSinceMs: undefined,
    drillEndsAtMs: runningDrill(use)?.endsAtMs,
  };
}
