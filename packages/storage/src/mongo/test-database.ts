import { randomUUID } from 'node:crypto';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { onTestFinished } from 'vitest';
import type { MongoSettings } from '../store-settings.ts';
import { connectMongo } from './mongo-database.ts';

/** The server of the test run; empty where there is none. */
export const testServer = process.env['TEST_MONGODB_URL'] ?? '';

export const testDeps = {
  clock: systemClock,
  logger: createLogger({ service: 'test', level: 'silent' }),
};

/** An empty database of its own, gone after the test. */
export async function openTestDatabase() {
  const settings: MongoSettings = {
    ...{ engine: 'mongodb', poolSize: 20 },
    // The server's may have options.
    url: testServer.replace(/\/?(\?|$)/, `/storage-${randomUUID()}$1`),
  };
  const database = await connectMongo(settings, { service: 'test', ...testDeps });
  onTestFinished(async () => {
    await database.drop();
    await database.close();
  });
  return { settings, database };
}
