import { mongoInbox, mongoOutbox } from '@credential-renewal/events/mongo';
import { type Clock, createPeriodic, type Logger } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { openMongo } from '@credential-renewal/storage/mongo';
import { consumerGroup } from '../consumer-group.ts';
import { noAuditWaits, openAuditEntries } from './mongo-audit-entries.ts';
import { createMongoCredentialStateStore } from './mongo-credential-state-store.ts';
import { registrySchema } from './mongo-registry-schema.ts';
import { openUseDocuments } from './mongo-use-documents.ts';
import { createMongoUseStore } from './mongo-use-store.ts';
import { createMongoUserStore } from './mongo-user-store.ts';
import { createMongoWorkspaceStore } from './mongo-workspace-store.ts';
import type { RegistryStores } from './open-registry-stores.ts';

const moveIntervalMs = 10_000;

export async function openMongoRegistryStores(
  settings: MongoSettings,
  deps: { clock: Clock; logger: Logger },
): Promise<RegistryStores> {
  const { clock, logger } = deps;
  const database = await openMongo(settings, registrySchema, deps);
  const uses = openUseDocuments(database);
  const auditEntries = openAuditEntries(database, uses);
  const moving = createPeriodic({
    ...{ name: 'audit entries', intervalMs: moveIntervalMs, logger },
    run: auditEntries.moveWaiting,
  });
  return {
    uses: createMongoUseStore(uses, auditEntries, clock),
    users: createMongoUserStore(database),
    workspaces: createMongoWorkspaceStore(database),
    credentialStates: createMongoCredentialStateStore(database),
    outbox: mongoOutbox(uses, clock, noAuditWaits),
    inbox: mongoInbox(database, consumerGroup, clock),
    problem: database.problem,
    async close() {
      await moving.stop();
      await database.close();
    },
  };
}
