import type { Clock, Logger } from '@credential-renewal/runtime';
import type { MongoSettings } from '@credential-renewal/storage';
import { openMongo } from '@credential-renewal/storage/mongo';
import { createMongoCandidateStore } from './mongo-candidate-store.ts';
import { createMongoCredentialStore } from './mongo-credential-store.ts';
import { createMongoDataKeyStore } from './mongo-data-key-store.ts';
import { createMongoOutageStore } from './mongo-outage-store.ts';
import { vaultSchema } from './mongo-vault-schema.ts';
import type { VaultStores } from './open-vault-stores.ts';

export async function openMongoVaultStores(
  settings: MongoSettings,
  deps: { clock: Clock; logger: Logger },
): Promise<VaultStores> {
  const database = await openMongo(settings, vaultSchema, deps);
  return {
    credentials: createMongoCredentialStore(database, deps.clock),
    candidates: createMongoCandidateStore(database),
    dataKeys: createMongoDataKeyStore(database),
    outages: createMongoOutageStore(database),
    problem: database.problem,
    close: database.close,
  };
}
