import { runMigration } from '@credential-renewal/storage/mongo';
import { notificationSchema } from './store/mongo-notification-schema.ts';

/** Brings notification's MongoDB database, named by `STORE_URL`, to the schema of this release. */
process.exitCode = await runMigration({
  schema: notificationSchema,
  env: process.env,
  write: (line) => process.stdout.write(`${line}\n`),
});
