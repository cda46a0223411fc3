import { describe, expect, test } from 'vitest';
import { ensureIndexes } from './ensure-indexes.ts';
import { openDocuments } from './mongo-documents.ts';
import { openTestDatabase, testServer } from './test-database.ts';

type Task = { title: string; dueAtMs?: number | undefined; changes: number };

const fifty = Array.from({ length: 50 }, (_, index) => index);
const task = (changes: Partial<Task> = {}): Task => ({ title: 'sweep', changes: 0, ...changes });

async function open() {
  const { database } = await openTestDatabase();
  const tasks = openDocuments<Task>({
    ...{ database, name: 'tasks', schemaVersion: 3 },
    fields: { title: String, dueAtMs: Number, note: String },
    fieldsOf: ({ title, dueAtMs }, version) => ({
      ...{ title, dueAtMs },
      // A mistake that only some versions make.
      ...(title === 'misspelt' && version > 1 ? { dueAtSeconds: 1 } : {}),
    }),
    retiredFields: (id) => ({ title: `retired ${id}` }),
  });
  return { database, tasks };
}

describe.skipIf(testServer === '')('with a MongoDB server', () => {
  test('a document comes back as it was stored, with its version and that of its schema', async () => {
    const { tasks } = await open();
    const stored = task({ dueAtMs: 1_800_000_000_000 });
    expect(await tasks.insert('a', stored)).toBe(true);
    const found = await tasks.find('a');
    expect(found?.document).toEqual(stored);
    expect(found).toMatchObject({ version: 1, schemaVersion: 3, title: 'sweep' });
    expect(await tasks.find('b')).toBeUndefined();
  });

  test('fifty updates at once lose no change, and each is one version', async () => {
    const { tasks } = await open();
    await tasks.insert('a', task());
    const updated = await Promise.all(
      fifty.map(() =>
        tasks.update('a', (document) => ({
          document: { ...document, changes: document.changes + 1 },
        })),
      ),
    );
    expect(new Set(updated.map((document) => document?.changes)).size).toBe(50);
    expect(await tasks.find('a')).toMatchObject({ version: 51, document: { changes: 50 } });
  });

  test('of fifty replacements of one version one wins', async () => {
    const { tasks } = await open();
    await tasks.insert('a', task());
    const answers = await Promise.all(
      fifty.map((changes) => tasks.replace('a', 1, task({ changes }))),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await tasks.find('a')).toMatchObject({
      version: 2,
      document: { changes: answers.indexOf(true) },
    });
  });

  test('an update that wants no change writes nothing, and one of nothing answers so', async () => {
    const { tasks } = await open();
    await tasks.insert('a', task());
    expect(await tasks.update('a', () => undefined)).toEqual(task());
    expect((await tasks.find('a'))?.version).toBe(1);
    expect(await tasks.update('b', (document) => ({ document }))).toBeUndefined();
  });

  test('a value that is gone is gone from its sparse index too', async () => {
    const { database, tasks } = await open();
    await ensureIndexes(database, 'tasks', [{ name: 'due', key: { dueAtMs: 1 }, sparse: true }]);
    await tasks.insert('a', task({ dueAtMs: 5 }));
    await tasks.replace('a', 1, task());
    expect(await tasks.list({ where: { dueAtMs: { $exists: true } } })).toEqual([]);
    expect(await tasks.find('a')).not.toHaveProperty('dueAtMs');
  });

  test('what goes beside the document is written with it, or not at all', async () => {
    const { tasks } = await open();
    const note = (text: string) => ({ fields: { note: text }, change: { $set: { note: text } } });
    await tasks.insert('a', task(), note('first'));
    expect(await tasks.replace('a', 7, task(), note('never'))).toBe(false);
    expect(await tasks.find('a')).toMatchObject({ note: 'first' });
    expect(await tasks.replace('a', 1, task(), note('second'))).toBe(true);
    expect(await tasks.find('a')).toMatchObject({ note: 'second' });
  });

  test('a retired document is found no more, and its unique value is free', async () => {
    const { database, tasks } = await open();
    await ensureIndexes(database, 'tasks', [{ name: 'title', key: { title: 1 }, unique: true }]);
    await tasks.insert('a', task());
    const nothing = { fields: {}, change: {} };
    expect(await tasks.retire('a', 9, nothing)).toBe(false);
    expect(await tasks.retire('a', 1, nothing)).toBe(true);
    expect(await tasks.find('a')).toBeUndefined();
    expect(await tasks.update('a', (document) => ({ document }))).toBeUndefined();
    expect(await tasks.list({ where: { title: 'sweep' } })).toEqual([]);
    expect(await tasks.insert('b', task())).toBe(true);
  });

  test('an answer has the fields that were asked for, in the order that was asked for', async () => {
    const { tasks } = await open();
    for (const [id, dueAtMs] of [
      ['a', 3],
      ['b', 1],
      ['c', 2],
    ] as const) {
      await tasks.insert(id, task({ dueAtMs }));
    }
    const question = { where: {}, sort: { dueAtMs: 1 }, limit: 2, only: ['title'] } as const;
    expect(await tasks.list(question)).toEqual([
      { _id: 'b', title: 'sweep' },
      { _id: 'c', title: 'sweep' },
    ]);
  });

  test('an id of its own is another one each time', async () => {
    const { tasks } = await open();
    const ids = await Promise.all(fifty.map(() => tasks.insertUnderNewId(task())));
    expect(new Set(ids).size).toBe(50);
    expect(await tasks.find(ids[0] ?? '')).toMatchObject({ version: 1, document: task() });
  });

  test.each([
    ['a question', { where: { titel: 'sweep' } }],
    ['an alternative', { where: { $or: [{ title: 'sweep' }, { titel: 'sweep' }] } }],
    ['an order', { where: {}, sort: { titel: 1 } as const }],
    ['a choice of fields', { where: {}, only: ['titel'] }],
  ])('a misspelt field in %s is refused', async (_what, question) => {
    const { tasks } = await open();
    await tasks.insert('a', task());
    await expect(tasks.list(question)).rejects.toThrow('titel');
  });

  test('a misspelt field beside a document is refused by each kind of write', async () => {
    const { tasks } = await open();
    const effects = { fields: { noet: 'x' }, change: { $set: { noet: 'x' } } };
    await expect(tasks.insert('a', task(), effects)).rejects.toThrow('noet');
    await tasks.insert('a', task({ title: 'misspelt' }));
    await expect(tasks.replace('a', 1, task(), effects)).rejects.toThrow('noet');
    await expect(tasks.replace('a', 1, task({ title: 'misspelt' }))).rejects.toThrow(
      'dueAtSeconds',
    );
    expect((await tasks.find('a'))?.version).toBe(1);
  });
});
