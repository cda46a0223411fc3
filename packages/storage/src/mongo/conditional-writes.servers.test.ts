import type { Model } from 'mongoose';
import { describe, expect, test } from 'vitest';
import { type ConditionalRecord, createConditionalWrites } from './conditional-writes.ts';
import { ensureIndexes } from './ensure-indexes.ts';
import { openTestDatabase, testServer } from './test-database.ts';

const fifty = Array.from({ length: 50 }, (_, index) => index);

async function open() {
  const { database } = await openTestDatabase();
  const fields = { owner: String, count: Number, email: String, writes: [String] };
  const model: Model<ConditionalRecord> = database.collection('things', fields);
  await ensureIndexes(database, 'things', [{ name: 'email', key: { email: 1 }, unique: true }]);
  const read = async (id: string) => (await model.findById(id).lean()) as object | null;
  return { read, writes: createConditionalWrites(model, database) };
}

describe.skipIf(testServer === '')('with a MongoDB server', () => {
  test('of fifty writers with one condition one wins', async () => {
    const { writes, read } = await open();
    await writes.insert({ _id: 'a', email: 'a', owner: 'nobody' });
    const answers = await Promise.all(
      fifty.map((index) =>
        writes.change({ _id: 'a', owner: 'nobody' }, { $set: { owner: `writer-${index}` } }),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await read('a')).toMatchObject({ owner: `writer-${answers.indexOf(true)}` });
  });

  test('of fifty changes without a condition none is lost', async () => {
    const { writes, read } = await open();
    await writes.insert({ _id: 'a', email: 'a', count: 0 });
    const answers = await Promise.all(
      fifty.map(() => writes.change({ _id: 'a' }, { $inc: { count: 1 } })),
    );
    expect(answers.every(Boolean)).toBe(true);
    expect(await read('a')).toMatchObject({ count: 50 });
  });

  test('of fifty inserts of one id one wins', async () => {
    const { writes, read } = await open();
    const answers = await Promise.all(
      fifty.map((count) => writes.insert({ _id: 'a', email: `${count}`, count })),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await read('a')).toMatchObject({ count: answers.indexOf(true) });
  });

  test('an insert whose other unique value is taken is refused, and leaves nothing', async () => {
    const { writes, read } = await open();
    expect(await writes.insert({ _id: 'a', email: 'same' })).toBe(true);
    expect(await writes.insert({ _id: 'b', email: 'same' })).toBe(false);
    expect(await read('b')).toBeNull();
  });

  test('a removal takes its condition, and what is not there is not removed', async () => {
    const { writes, read } = await open();
    await writes.insert({ _id: 'a', email: 'a', owner: 'me' });
    expect(await writes.remove({ _id: 'a', owner: 'you' })).toBe(false);
    expect(await read('a')).not.toBeNull();
    expect(await writes.remove({ _id: 'a', owner: 'me' })).toBe(true);
    expect(await writes.remove({ _id: 'a', owner: 'me' })).toBe(false);
  });

  test('a document remembers its last 64 writes, however many there were', async () => {
    const { writes, read } = await open();
    await writes.insert({ _id: 'a', email: 'a', count: 0 });
    for (const _ of [...fifty, ...fifty]) await writes.change({ _id: 'a' }, { $inc: { count: 1 } });
    const { writes: remembered } = (await read('a')) as ConditionalRecord;
    expect(new Set(remembered).size).toBe(64);
  });

  test.each([
    ['a change', { $set: { onwer: 'me' } }],
    ['an increment', { $inc: { cuont: 1 } }],
    ['a removal of a field', { $unset: { onwer: '' } }],
  ])('%s of a misspelt field is refused', async (_what, change) => {
    const { writes } = await open();
    await writes.insert({ _id: 'a', email: 'a' });
    await expect(writes.change({ _id: 'a' }, change)).rejects.toThrow(/onwer|cuont/);
  });

  test('a misspelt field in a condition is refused, and in an insert too', async () => {
    const { writes, read } = await open();
    await writes.insert({ _id: 'a', email: 'a' });
    const set = { $set: { owner: 'me' } };
    await expect(writes.change({ _id: 'a', onwer: 'me' }, set)).rejects.toThrow('onwer');
    await expect(writes.remove({ _id: 'a', onwer: 'me' })).rejects.toThrow('onwer');
    await expect(writes.insert({ _id: 'b', email: 'b', onwer: 'me' })).rejects.toThrow('onwer');
    expect(await read('b')).toBeNull();
  });
});
