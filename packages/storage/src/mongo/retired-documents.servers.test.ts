import { randomUUID } from 'node:crypto';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectMongo } from './mongo-database.ts';
import { openDocuments } from './mongo-documents.ts';

const server = process.env['TEST_MONGODB_URL'] ?? '';
const logger = createLogger({ service: 'test', level: 'silent' });
const nothing = { fields: {}, change: {} };

async function openPeople() {
  const database = await connectMongo(
    { engine: 'mongodb', url: `${server}/retired-${randomUUID()}`, poolSize: 5 },
    { service: 'test', clock: systemClock, logger },
  );
  onTestFinished(async () => {
    await database.drop();
    await database.close();
  });
  return openDocuments<{ name: string }>({
    ...{ database, name: 'people', schemaVersion: 1 },
    fields: { name: String, letters: [String] },
    fieldsOf: ({ name }) => ({ name }),
    retiredKeeps: ['letters'],
  });
}

describe.skipIf(server === '')('a retired document', () => {
  test('is not written again by who counts its version on', async () => {
    const people = await openPeople();
    await people.insert('ada', { name: 'Ada' });
    expect(await people.retire('ada', 1, nothing)).toBe(true);
    expect(await people.replace('ada', 2, { name: 'Ghost' })).toBe(false);
    expect(await people.retire('ada', 2, nothing)).toBe(false);
    expect(await people.update('ada', (document) => ({ document }))).toBeUndefined();
    expect(await people.first({ where: { name: 'Ghost' } })).toBeUndefined();
  });

  test('keeps what still has to go elsewhere, and nothing that a question asks for', async () => {
    const people = await openPeople();
    await people.insert('ada', { name: 'Ada' }, { fields: { letters: ['one'] }, change: {} });
    await people.retire('ada', 1, { fields: {}, change: { $push: { letters: 'two' } } });
    expect(await people.first({ where: { name: 'Ada' } })).toBeUndefined();
    const left = await people.first({ where: { _id: 'ada' } });
    expect(left?.['letters']).toEqual(['one', 'two']);
    expect(left?.document).toBeUndefined();
  });
});
