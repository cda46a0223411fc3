import { runMigration } from '@credential-renewal/storage/mongo';
import { vaultSchema } from './store/mongo-vault-schema.ts';

/** Brings the vault's MongoDB database, named by `STORE_URL`, to the schema of this release. */
process.exitCode = await runMigration({
  schema: vaultSchema,
  env: process.env,
  write: (line) => process.stdout.write(`${line}\n`),
});
