import { randomUUID } from 'node:crypto';
import mongoose, { type Model, type SchemaDefinition } from 'mongoose';
import {
  type Change,
  type Condition,
  type ConditionalRecord,
  createConditionalWrites,
} from './conditional-writes.ts';
import { type Insistence, insist } from './insist.ts';
import type { MongoCollection, MongoDatabase } from './mongo-database.ts';
import { refuseUnknownFields } from './refuse-unknown-fields.ts';
import { requireValues } from './require-values.ts';

/** A document of a service with what is asked for beside it, so that every question has its index. */
export type DocumentRecord<D> = ConditionalRecord & { version: number; document: D };

/** What one write does beside the document: events for the outbox, say. For an insert the same as plain fields. */
export type WriteEffects = { fields: Record<string, unknown>; change: Change };

export type Question = {
  where: Record<string, unknown>;
  sort?: Record<string, 1 | -1>;
  limit?: number;
  /** Fields beside `_id` that are wanted; without it, all. */
  only?: readonly string[];
};

/** A record as a question may answer it: the fields that were asked for beside those that every one has. */
type Found<D> = DocumentRecord<D> & Record<string, unknown>;

/**
 * Documents that are only ever changed as a whole, each by one conditional write on its `version`, which goes up by one with each
 * change. Errors are those of packages/storage.
 */
export type MongoDocuments<D> = {
  find(id: string): Promise<Found<D> | undefined>;
  list(question: Question): Promise<Found<D>[]>;
  first(question: Question): Promise<Found<D> | undefined>;
  /** Version 1. False: the id, or another unique key, is taken. */
  insert(id: string, document: D, effects?: WriteEffects): Promise<boolean>;
  /**
   * Version 1 under an id of its own; answers with it. Each attempt takes another id, so what is removed is never there again: an attempt without an
   * answer that the server comes to late leaves a document that nobody knows of.
   */
  insertUnderNewId(document: D): Promise<string>;
  /** False: the stored version is another one, or there is no such document. */
  replace(id: string, version: number, document: D, effects?: WriteEffects): Promise<boolean>;
  /**
   * Applies `transition` to the newest document until a write succeeds on what was read; undefined from it changes nothing. Answers with
   * the document as it is afterwards; undefined: there is none.
   */
  update(
    id: string,
    transition: (
      document: D,
      version: number,
    ) => { document: D; effects?: WriteEffects } | undefined,
  ): Promise<D | undefined>;
  /**
   * Ends the document, whose events have still to go out: nothing but its outbox stays, no question finds it any more, and the
   * outbox deletes it when it is empty. False: the stored version is another one, or there is no such document.
   */
  retire(id: string, version: number, effects: WriteEffects): Promise<boolean>;
  change(condition: Condition, change: Change): Promise<boolean>;
  remove(condition: Condition): Promise<boolean>;
  /** Any other question or command, with the same patience: what it writes must be harmless when it is done twice. */
  ask<R, T>(work: (collection: MongoCollection<R & { _id: string }>) => Promise<T>): Promise<T>;
};

/** A retired document has a version, too, which a write that counts on from the last one would fit. */
const notRetired = { retired: { $exists: false } };

export function openDocuments<D>(options: {
  database: MongoDatabase;
  name: string;
  schemaVersion: number;
  /** What is asked for; undefined values are absent from the record, and from sparse indexes. */
  fieldsOf: (document: D, version: number) => Record<string, unknown>;
  /** Of `fieldsOf` and of the effects. */
  fields: SchemaDefinition;
  /** What stands in the unique fields of a retired document, so that others can have their values. */
  retiredFields?: (id: string) => Record<string, string>;
  /** Fields of the effects that a retired document keeps beside its outbox. */
  retiredKeeps?: readonly string[];
  random?: () => number;
  /** How long a question is asked again; a caller that waits longer than others may have more. */
  budgetMs?: number;
}): MongoDocuments<D> {
  const { database, name, schemaVersion, fieldsOf } = options;
  const model = database.collection<DocumentRecord<D>>(name, {
    version: Number,
    writes: [String],
    retired: Boolean,
    document: mongoose.Schema.Types.Mixed,
    ...options.fields,
  });
  const { random, budgetMs } = options;
  const insistence: Insistence = { place: database.place, random, budgetMs };
  // mongoose checks the fields of a question at run time; the filter type of a generic model knows nothing of them.
  const questions = model as unknown as Model<ConditionalRecord>;
  const writes = createConditionalWrites(questions, insistence);
  const records = (found: unknown) => found as Found<D>[];

  const list = async ({ where, sort, limit, only }: Question) => {
    requireValues(where);
    refuseUnknownFields(model, [...Object.keys(sort ?? {}), ...(only ?? [])]);
    return insist(async () => {
      const query = questions.find(where);
      if (sort) query.sort(sort);
      if (limit !== undefined) query.limit(limit);
      if (only) query.select([...only]);
      return records(await query.lean());
    }, insistence);
  };
  const first = async (question: Question) => (await list({ ...question, limit: 1 }))[0];
  const find = (id: string) => first({ where: { _id: id, ...notRetired } });

  const newRecord = (id: string, document: D) => ({
    ...{ _id: id, schemaVersion, version: 1, document },
    ...fieldsOf(document, 1),
  });

  const replace: MongoDocuments<D>['replace'] = (id, version, document, effects) => {
    const next = { ...fieldsOf(document, version + 1), version: version + 1, document };
    const { $set, $unset, ...others } = effects?.change ?? {};
    const absent = Object.entries(next).filter(([, value]) => value === undefined);
    return writes.change(
      { _id: id, version, ...notRetired },
      {
        ...others,
        $set: { ...next, schemaVersion, ...$set },
        $unset: { ...Object.fromEntries(absent.map(([field]) => [field, ''])), ...$unset },
      },
    );
  };

  return {
    find,
    list,
    first,
    replace,
    insert: (id, document, effects) =>
      writes.insert({ ...newRecord(id, document), ...effects?.fields }),
    insertUnderNewId: (document) =>
      insist(async () => {
        const id = randomUUID();
        const record = { ...newRecord(id, document), writes: [] };
        refuseUnknownFields(model, Object.keys(record));
        await model.collection.insertOne(record as object);
        return id;
      }, insistence),
    async update(id, transition) {
      for (;;) {
        const current = await find(id);
        if (!current) return undefined;
        const step = transition(current.document, current.version);
        if (!step) return current.document;
        if (await replace(id, current.version, step.document, step.effects)) return step.document;
        // Somebody was faster; of all that are here at once one has won, so this ends.
      }
    },
    retire(id, version, { change: { $set, ...others } }) {
      const kept = options.retiredFields?.(id) ?? {};
      const stays = (field: string) =>
        field in kept || field.startsWith('outbox') || options.retiredKeeps?.includes(field);
      const emptied = ['document', ...Object.keys(options.fields)].filter((field) => !stays(field));
      return writes.change(
        { _id: id, version, ...notRetired },
        {
          ...others,
          $set: { ...kept, retired: true, version: version + 1, ...$set },
          $unset: Object.fromEntries(emptied.map((field) => [field, ''])),
        },
      );
    },
    change: writes.change,
    remove: writes.remove,
    ask: (work) => insist(() => work(database.native(name)), insistence),
  };
}
