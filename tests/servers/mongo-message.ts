import { type Document, deserialize, serialize } from 'bson';

/**
 * The operations of MongoDB's wire protocol that today's drivers send and get.
 * https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;

const headerBytes = 16;
const flagsBytes = 4;
const checksumBytes = 4;
/** 48 MB is what servers take; a longer frame is something else on this port. */
const maxFrameBytes = 48_000_000;

const checksumPresent = 1;
const moreToCome = 2;

export type MongoMessage = {
  requestId: number;
  responseTo: number;
  /** OP_QUERY and OP_REPLY carry the first greeting of a connection, OP_MSG everything else. */
  kind: 'query' | 'reply' | 'message' | 'other';
  /** A request with it gets no answer; an answer with it is followed by another. */
  moreToCome: boolean;
  /** The command, or its answer. Document sequences beside it (of an insert, say) are not read. Numbers keep their types. */
  body: Document;
};

/** Cuts a stream into frames, however TCP has split or joined them. */
export function createFrameSplitter(): (chunk: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Buffer[] = [];
    while (rest.length >= headerBytes) {
      const length = rest.readInt32LE(0);
      if (length < headerBytes || length > maxFrameBytes) {
        throw new Error(`a frame of ${length} bytes: this is not MongoDB's protocol`);
      }
      if (rest.length < length) break;
      frames.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    return frames;
  };
}

export function readMessage(frame: Buffer): MongoMessage {
  const requestId = frame.readInt32LE(4);
  const responseTo = frame.readInt32LE(8);
  const envelope = { requestId, responseTo, moreToCome: false };
  switch (frame.readInt32LE(12)) {
    case opMsg: {
      const flags = frame.readInt32LE(headerBytes);
      const body = readDocument(frame, bodyOffset(frame));
      return { ...envelope, kind: 'message', moreToCome: (flags & moreToCome) !== 0, body };
    }
    case opQuery: {
      // flags, the collection's name, skip and limit stand before the document
      const name = frame.indexOf(0, headerBytes + flagsBytes);
      return { ...envelope, kind: 'query', body: readDocument(frame, name + 1 + 8) };
    }
    case opReply:
      // flags, cursor, starting from, number of documents
      return { ...envelope, kind: 'reply', body: readDocument(frame, headerBytes + 20) };
    default:
      return { ...envelope, kind: 'other', body: {} };
  }
}

/** What is asked, in lower case: the first key of the command. */
export function commandOf({ body }: MongoMessage): string {
  return Object.keys(body)[0]?.toLowerCase() ?? '';
}

export function requestFrame(requestId: number, body: Document): Buffer {
  return messageFrame({ requestId, responseTo: 0, flags: 0, body });
}

/** An answer of ours to a request, in the operation that it expects. */
export function answerFrame(request: MongoMessage, body: Document): Buffer {
  const reply = { requestId: 0, responseTo: request.requestId, flags: 0, body };
  return request.kind === 'query' ? replyFrame(reply) : messageFrame(reply);
}

/** This answer with another body. */
export function withBody(message: MongoMessage, body: Document): Buffer {
  const flags = message.moreToCome ? moreToCome : 0;
  const changed = { requestId: message.requestId, responseTo: message.responseTo, flags, body };
  return message.kind === 'reply' ? replyFrame(changed) : messageFrame(changed);
}

type Parts = { requestId: number; responseTo: number; flags: number; body: Document };

function messageFrame({ flags, body, ...ids }: Parts): Buffer {
  const prefix = Buffer.alloc(flagsBytes + 1);
  prefix.writeInt32LE(flags, 0);
  return frameOf(opMsg, ids, prefix, body);
}

function replyFrame({ body, ...ids }: Parts): Buffer {
  const prefix = Buffer.alloc(20);
  prefix.writeInt32LE(1, 16);
  return frameOf(opReply, ids, prefix, body);
}

function frameOf(
  operation: number,
  { requestId, responseTo }: Pick<Parts, 'requestId' | 'responseTo'>,
  prefix: Buffer,
  body: Document,
): Buffer {
  const document = serialize(body);
  const header = Buffer.alloc(headerBytes);
  header.writeInt32LE(headerBytes + prefix.length + document.length, 0);
  header.writeInt32LE(requestId, 4);
  header.writeInt32LE(responseTo, 8);
  header.writeInt32LE(operation, 12);
  return Buffer.concat([header, prefix, document]);
}

/** Of the document in an OP_MSG; its sections may stand in any order. */
function bodyOffset(frame: Buffer): number {
  let at = headerBytes + flagsBytes;
  const end = frame.length - (frame.readInt32LE(headerBytes) & checksumPresent ? checksumBytes : 0);
  while (at < end) {
    if (frame[at] === 0) return at + 1;
    at += 1 + frame.readInt32LE(at + 1);
  }
  throw new Error('a message without a body');
}

function readDocument(frame: Buffer, offset: number): Document {
  const document = frame.subarray(offset, offset + frame.readInt32LE(offset));
  return deserialize(document, { promoteValues: false, promoteBuffers: false });
}
