import { randomUUID } from 'node:crypto';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectMongo } from './mongo-database.ts';
import { openDocuments } from './mongo-documents.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const logger = createLogger({ service: 'test', level: 'silent' });

describe.skipIf(server === '')('a question without its value', () => {
  test('is refused, and reads, changes and removes nobody’s document', async () => {
    const database = await connectMongo(
      { engine: 'mongodb', url: `${server}/questions-${randomUUID()}`, poolSize: 5 },
      { service: 'test', clock: systemClock, logger },
    );
    onTestFinished(async () => {
      await database.drop();
      await database.close();
    });
    const documents = openDocuments<{ accountId: string }>({
      ...{ database, name: 'documents', schemaVersion: 1 },
      fields: { accountId: String },
      fieldsOf: ({ accountId }) => ({ accountId }),
    });
    await documents.insert('a', { accountId: 'acme' });
    const where = { _id: 'a', accountId: undefined };
    await expect(documents.list({ where })).rejects.toThrow('accountId');
    await expect(documents.first({ where })).rejects.toThrow('accountId');
    const change = { $set: { accountId: 'evil' } };
    await expect(documents.change(where, change)).rejects.toThrow('accountId');
    await expect(documents.remove(where)).rejects.toThrow('accountId');
    expect((await documents.find('a'))?.['accountId']).toBe('acme');
  });
});
