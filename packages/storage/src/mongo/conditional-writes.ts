import { randomBytes } from 'node:crypto';
import type { Model, UpdateQuery } from 'mongoose';
import { DatabaseUnavailableError } from '../errors.ts';
import { isDuplicateKey } from './explain-mongo-error.ts';
import { type Insistence, insist } from './insist.ts';
import type { MongoRecord } from './mongo-database.ts';
import { refuseUnknownFields } from './refuse-unknown-fields.ts';
import { requireValues } from './require-values.ts';

export type ConditionalRecord = MongoRecord & {
  /** The newest writes, by an id that each brings along. */
  writes: string[];
  /** Goes up with each, where there is one. */
  version?: number;
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
 * whether that is our own doing. It stays readable for the next 63 writes of the document; a retry that finds more
 * says that it cannot tell.
 */
export type ConditionalWrites = {
  /** False: the id, or another unique key, is taken. */
  insert(record: { _id: string } & Record<string, unknown>): Promise<boolean>;
  /** False: no document fits the condition. */
  change(condition: Condition, change: Change): Promise<boolean>;
  /** False: no document fits the condition, or an earlier attempt of this call has removed it already. */
  remove(condition: Condition): Promise<boolean>;
};

const rememberedWrites = 64;

export function createConditionalWrites(
  model: Model<ConditionalRecord>,
  insistence: Insistence,
): ConditionalWrites {
  const newWriteId = () => randomBytes(9).toString('base64url');

  /** Whether a write on `version` has happened whose answer was lost. */
  async function hasHappened(id: string, writeId: string, version: unknown): Promise<boolean> {
    const found = await model.findById(id, { writes: 1, version: 1 }).lean();
    if (!found || found.writes.includes(writeId)) return found !== null;
    if (Number(found.version) - Number(version) > rememberedWrites) {
      const reason =
        'a write had no answer, and too many others followed to tell what became of it';
      throw new DatabaseUnavailableError(insistence.place, new Error(reason));
    }
    return false;
  }

  return {
    async insert(record) {
      refuseUnknownFields(model, Object.keys(record));
      const writeId = newWriteId();
      return insist(async (again) => {
        try {
          await model.collection.insertOne({ ...record, writes: [writeId] } as object);
          return true;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          return again && (await hasHappened(record._id, writeId, 0));
        }
      }, insistence);
    },

    async change(condition, { $push, ...change }) {
      requireValues(condition);
      const writeId = newWriteId();
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
        return again && (await hasHappened(condition._id, writeId, condition['version']));
      }, insistence);
    },

    async remove(condition) {
      requireValues(condition);
      return insist(async () => (await model.deleteOne(condition)).deletedCount === 1, insistence);
    },
  };
}
