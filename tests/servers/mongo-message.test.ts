import { describe, expect, test } from 'vitest';
import {
  answerFrame,
  commandOf,
  createFrameSplitter,
  readMessage,
  requestFrame,
  withBody,
} from './mongo-message.ts';

const first = requestFrame(1, { findAndModify: 'credentials', $db: 'vault' });
const second = requestFrame(2, { ping: 1, $db: 'admin' });
const stream = Buffer.concat([first, second]);

describe('frames are whole however TCP cuts the stream', () => {
  test.each([1, 3, 16, 17, stream.length - 1, stream.length])('in pieces of %i bytes', (size) => {
    const split = createFrameSplitter();
    const frames: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) {
      frames.push(...split(stream.subarray(at, at + size)));
    }
    expect(frames).toEqual([first, second]);
  });

  test('what is no frame is refused instead of waited for', () => {
    expect(() => createFrameSplitter()(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow(
      "this is not MongoDB's protocol",
    );
    expect(() => createFrameSplitter()(Buffer.alloc(16))).toThrow('a frame of 0 bytes');
  });
});

describe('messages', () => {
  test('a request tells its command in lower case, its id and its body', () => {
    const request = readMessage(first);
    expect(commandOf(request)).toBe('findandmodify');
    expect(request).toMatchObject({ requestId: 1, kind: 'message', moreToCome: false });
    expect(request.body.$db).toBe('vault');
  });

  test('a body behind a document sequence, and before a checksum, is found', () => {
    // OP_MSG with flags 1, a section of kind 1 (its size and the name "documents"), one of kind 0, four bytes of checksum
    const name = Buffer.from('documents\0');
    const sequence = Buffer.concat([Buffer.from([1]), sizeOf(4 + name.length), name]);
    const body = second.subarray(20);
    const rest = Buffer.concat([sizeOf(1), sequence, body, Buffer.alloc(4)]);
    const frame = Buffer.concat([sizeOf(16 + rest.length), second.subarray(4, 16), rest]);
    expect(commandOf(readMessage(frame))).toBe('ping');
  });

  test('an answer names its request; a greeting of the old kind is answered in kind', () => {
    const request = readMessage(first);
    const answer = readMessage(answerFrame(request, { ok: 1 }));
    expect(answer).toMatchObject({ kind: 'message', responseTo: 1 });
    const old = readMessage(answerFrame({ ...request, kind: 'query' }, { ok: 1 }));
    expect(old).toMatchObject({ kind: 'reply', responseTo: 1 });
    expect(Number(old.body.ok)).toBe(1);
  });

  test('another body leaves ids, flags and the types of numbers as they were', () => {
    const message = {
      ...readMessage(answerFrame(readMessage(first), { ok: 1.5 })),
      moreToCome: true,
    };
    const changed = readMessage(withBody(message, { ...message.body, extra: true }));
    expect(changed).toMatchObject({ responseTo: 1, moreToCome: true, body: { extra: true } });
    expect(changed.body.ok).toEqual(message.body.ok);
  });
});

function sizeOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
