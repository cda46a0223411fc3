import { EventLogUnavailableError } from '../errors.ts';
import { toEventLogError } from './kafka-errors.ts';
import type { OutgoingMessage } from './message-parts.ts';

/** A message and the topic it goes to. */
export type OutgoingRecord = { topic: string; message: OutgoingMessage };

export type Publisher = {
  /** Resolves when every in-sync replica has all of them. */
  publish(records: readonly OutgoingRecord[]): Promise<void>;
  /** Resolves when what is under way is over; what waits behind it is refused. */
  close(): Promise<void>;
};

type Call = { left: number; settle: PromiseWithResolvers<void> };
type Waiting = { record: OutgoingRecord; call: Call };

// Together far below the 1 MiB that a broker takes for one partition at a time; one event is some hundred bytes.
const batchRecords = 500;
const batchBytes = 512 * 1024;
/** The name of a header and the lengths beside it. */
const headerOverheadBytes = 20;

/**
 * Calls wait in a queue, and what waits goes out as one batch, one batch at a time: so the order of the calls is that of the log, and
 * many small calls cost few requests. When a batch fails, so do the calls behind it: otherwise a later event of a key could
 * be in the log before an earlier one, which its caller has yet to repeat. Repeating is for the caller, which has the backoff.
 */
export function createPublisher(options: {
  /** Answers for each record with why it was not acknowledged; undefined: it was. Never rejects. */
  send: (records: readonly OutgoingRecord[]) => Promise<unknown[]>;
  onFailed: (events: number) => void;
}): Publisher {
  const { send, onFailed } = options;
  let queue: Waiting[] = [];
  let sending: Promise<void> | undefined;
  let isClosed = false;

  async function sendAll(): Promise<void> {
    while (queue.length > 0) {
      const batch = takeBatch();
      const failures = await send(batch.map(({ record }) => record));
      const failed = new Map<Call, unknown>();
      for (const [index, { call }] of batch.entries()) {
        if (failures[index] === undefined) acknowledged(call);
        else failed.set(call, failures[index]);
      }
      if (failed.size > 0) refuse(failed);
    }
    // Nothing is awaited between the look at the queue and this, so no call is overlooked.
    sending = undefined;
  }

  function takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { record } of queue) {
      bytes += sizeOf(record.message);
      if (count > 0 && (bytes > batchBytes || count >= batchRecords)) break;
      count++;
    }
    return queue.splice(0, count);
  }

  function acknowledged(call: Call): void {
    call.left--;
    if (call.left === 0) call.settle.resolve();
  }

  function refuse(failed: Map<Call, unknown>): void {
    const [first] = failed.values();
    for (const { call } of queue) if (!failed.has(call)) failed.set(call, first);
    queue = [];
    for (const [call, error] of failed) {
      onFailed(call.left);
      call.settle.reject(toEventLogError(error));
    }
  }

  return {
    publish(records) {
      if (isClosed) return Promise.reject(new EventLogUnavailableError('it is closed'));
      if (records.length === 0) return Promise.resolve();
      const call: Call = { left: records.length, settle: Promise.withResolvers() };
      queue.push(...records.map((record) => ({ record, call })));
      sending ??= sendAll();
      return call.settle.promise;
    },
    async close() {
      isClosed = true;
      refuse(
        new Map(queue.map(({ call }) => [call, new EventLogUnavailableError('it is closed')])),
      );
      await sending;
    },
  };
}

function sizeOf({ value, headers }: OutgoingMessage): number {
  const bytes = (part: Buffer | string | null) => (part === null ? 0 : Buffer.byteLength(part));
  const lists = Object.values(headers).flat();
  return lists.reduce((sum, part) => sum + bytes(part) + headerOverheadBytes, bytes(value));
}
