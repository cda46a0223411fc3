import { runMigration } from '@credential-renewal/storage/mongo';
import { brokerSchema } from './store/mongo-broker-schema.ts';

/** Brings the broker's MongoDB database, named by `STORE_URL`, to the schema of this release. */
process.exitCode = await runMigration({
  schema: brokerSchema,
  env: process.env,
  write: (line) => process.stdout.write(`${line}\n`),
});
