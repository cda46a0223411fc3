import { runMigration } from '@credential-renewal/storage/mongo';
import { registrySchema } from './store/mongo-registry-schema.ts';

/** Brings the registry's MongoDB database, named by `STORE_URL`, to the schema of this release. */
process.exitCode = await runMigration({
  schema: registrySchema,
  env: process.env,
  write: (line) => process.stdout.write(`${line}\n`),
});
