import type { Document } from 'bson';
import { commandOf, type MongoMessage } from './mongo-message.ts';

/** Which requests a fault meets, and how often. */
export type FaultTarget = {
  /** As on the wire, in any case: findOneAndUpdate is `findAndModify`. */
  command: string;
  /** Only those about this collection. */
  collection?: string;
  times: number;
};

/** What the proxy does with a request. */
export type Treatment =
  | { kind: 'forward' }
  /** The server gets it and applies it; its answer is replaced by the end of the connection. */
  | { kind: 'cut reply' }
  /** The connection ends, and the server has never seen it. */
  | { kind: 'cut request' }
  | { kind: 'answer'; body: Document };

export type MongoFaults = {
  add(fault: Fault): void;
  clear(): void;
  /** Counts the fault as used. */
  treat(request: MongoMessage): Treatment;
  /** How many requests were not simply forwarded. */
  used(): number;
};

type Fault = {
  meets(request: MongoMessage): boolean;
  times: number;
  treatment(request: MongoMessage): Treatment;
};

export function createMongoFaults(): MongoFaults {
  let faults: Fault[] = [];
  let used = 0;
  return {
    add: (fault) => void faults.push({ ...fault }),
    clear: () => {
      faults = [];
    },
    treat(request) {
      const fault = faults.find((one) => one.times > 0 && one.meets(request));
      if (!fault) return { kind: 'forward' };
      fault.times -= 1;
      used += 1;
      return fault.treatment(request);
    },
    used: () => used,
  };
}

export function meets({ command, collection }: Omit<FaultTarget, 'times'>) {
  return (request: MongoMessage): boolean =>
    commandOf(request) === command.toLowerCase() &&
    (collection === undefined || Object.values(request.body)[0] === collection);
}

const writes = new Set([
  ...['insert', 'update', 'delete', 'findandmodify', 'bulkwrite'],
  ...['create', 'createindexes', 'drop', 'dropindexes', 'collmod'],
]);

export const isWrite = (request: MongoMessage): boolean => writes.has(commandOf(request));

export const isLogin = (request: MongoMessage): boolean =>
  ['saslstart', 'authenticate'].includes(commandOf(request));

/**
 * What a primary says that is stepping down, without a topology version as servers before 4.4 do, so that drivers take it at its word. A
 * retryable write is marked as such by the server, not by the driver.
 */
export function notWritablePrimary({ body }: MongoMessage): Document {
  return {
    ok: 0,
    errmsg: 'not primary',
    code: 10107,
    codeName: 'NotWritablePrimary',
    ...('txnNumber' in body ? { errorLabels: ['RetryableWriteError'] } : {}),
  };
}

export const authenticationFailed: Document = {
  ok: 0,
  errmsg: 'Authentication failed.',
  code: 18,
  codeName: 'AuthenticationFailed',
};
