import { randomUUID } from 'node:crypto';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { connectMongo } from '@credential-renewal/storage/mongo';
import { describe } from 'vitest';
import { inboxContract } from '../inbox.contract.ts';
import { inboxCollection, inboxIndex, mongoInbox } from './mongo-inbox.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const logger = createLogger({ service: 'test', level: 'silent' });

describe.skipIf(server === '')('with a MongoDB server', () => {
  inboxContract('MongoDB', async () => {
    const database = await connectMongo(
      { engine: 'mongodb', url: `${server}/inbox-${randomUUID()}`, poolSize: 20 },
      { service: 'test', clock: systemClock, logger },
    );
    await database.native(inboxCollection).createIndexes([inboxIndex]);
    let nowMs = 0;
    return {
      inbox: (group) => mongoInbox(database, group, { nowMs: () => nowMs }),
      setNowMs: (ms) => {
        nowMs = ms;
      },
      dispose: async () => {
        await database.drop();
        await database.close();
      },
    };
  });
});
