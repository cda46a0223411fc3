import { randomUUID } from 'node:crypto';
import type { Model, UpdateQuery } from 'mongoose';
import { isDuplicateKey } from './explain-mongo-error.ts';
import { type Insistence, insist } from './insist.ts';
import type { MongoRecord } from './mongo-database.ts';

export type ConditionalRecord = MongoRecord & {
  /** The newest writes, by an id that each brings along. */
  writes: string[];
};

/** Beside `_id`, what has to be true of the document for the write to happen. */
export type Condition = { _id: string } & Record<string, unknown>;

/** Operators of one update; `$push` on `writes` is ours. */
export type Change = Pick<UpdateQuery<unknown>, '$set' | '$unset' | '$inc' | '$min' | '$max'> & {
  $push?: Record<string, unknown>;
};

/**
 * Writes of one document that happen once or not at all, also where the answer is lost: a connection that breaks, a primary that steps down. Each
 * write puts an id of its own into the document; when it is tried again and the condition does not hold any more, the id tells
 * whether that is our own doing. It stays readable for the next 15 writes of the document, far more than fit into the time of
 * a retry.
 */
export type ConditionalWrites = {
  /** False: the id, or another unique key, is taken. */
  insert(record: { _id: string } & Record<string, unknown>): Promise<boolean>;
  /** False: no document fits the condition. */
  change(condition: Condition, change: Change): Promise<boolean>;
  /** False: no document fits the condition, or an earlier attempt of this call has removed it already. */
  remove(condition: Condition): Promise<boolean>;
};

const rememberedWrites = 16;

export function createConditionalWrites(
  model: Model<ConditionalRecord>,
  insistence: Insistence,
): ConditionalWrites {
  const isOurs = async (id: string, writeId: string) =>
    (await model.exists({ _id: id, writes: writeId })) !== null;

  return {
    insert(record) {
      const writeId = randomUUID();
      return insist(async (again) => {
        try {
          await model.collection.insertOne({ ...record, writes: [writeId] } as object);
          return true;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          return again && (await isOurs(record._id, writeId));
        }
      }, insistence);
    },

    change(condition, { $push, ...change }) {
      const writeId = randomUUID();
      const remembered = { $each: [writeId], $slice: -rememberedWrites };
      return insist(async (again) => {
        const found = await model
          .findOneAndUpdate(
            // What has been done is not done twice, even where the condition would still hold.
            { ...condition, writes: { $ne: writeId } },
            { ...change, $push: { ...$push, writes: remembered } },
            { projection: { _id: 1 } },
          )
          .lean();
        if (found) return true;
        return again && (await isOurs(condition._id, writeId));
      }, insistence);
    },

    remove: (condition) =>
      insist(async () => (await model.deleteOne(condition)).deletedCount === 1, insistence),
  };
}
