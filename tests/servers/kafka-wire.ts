import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { KafkaUser, ScramMechanism } from './kafka-security.ts';

/**
 * Two requests of Kafka's protocol, by hand (https://kafka.apache.org/protocol): a client follows the brokers to the addresses that they
 * advertise, and these ask one broker about itself, through whatever port leads to it.
 */
const metadata = { api: 3, version: 1, isFlexible: false };
const alterScramUsers = { api: 51, version: 0, isFlexible: true };

const withinMs = 5_000;

/** The ports, as they advertise them, of the brokers that this one sees alive. */
export async function brokerPorts(port: number): Promise<number[]> {
  // An empty list of topics: none is asked for, so none is looked up.
  const answer = await ask(port, metadata, int32(0));
  let at = 0;
  const skipText = () => {
    at += 2 + Math.max(0, answer.readInt16BE(at));
  };
  const brokers = answer.readInt32BE(at);
  at += 4;
  return Array.from({ length: brokers }, () => {
    at += 4;
    skipText();
    const advertised = answer.readInt32BE(at);
    at += 4;
    skipText();
    return advertised;
  });
}

/** SCRAM users live in the cluster's metadata; any broker passes them on. */
export async function addScramUser(
  port: number,
  mechanism: ScramMechanism,
  { username, password }: KafkaUser,
): Promise<void> {
  const iterations = 4096;
  const salt = randomBytes(16);
  const { code, hash, bytes } = scram[mechanism];
  const salted = pbkdf2Sync(password, salt, iterations, bytes, hash);
  const user = [compact(username), int8(code), int32(iterations), compact(salt), compact(salted)];
  const deletions = int8(1);
  const answer = await ask(
    port,
    alterScramUsers,
    Buffer.concat([deletions, int8(2), ...user, noTags, noTags]),
  );
  // throttle time, number of results, the user's name, error code
  const error = answer.readInt16BE(4 + 1 + 1 + username.length);
  if (error !== 0) throw new Error(`Kafka does not take the user ${username}: error ${error}`);
}

const scram = {
  'scram-sha-256': { code: 1, hash: 'sha256', bytes: 32 },
  'scram-sha-512': { code: 2, hash: 'sha512', bytes: 64 },
} as const;

type Operation = { api: number; version: number; isFlexible: boolean };

/** Answers with what follows the header. */
async function ask(port: number, operation: Operation, body: Buffer): Promise<Buffer> {
  const { api, version, isFlexible } = operation;
  const tags = isFlexible ? noTags : Buffer.alloc(0);
  const noClientId = int16(-1);
  const header = Buffer.concat([int16(api), int16(version), int32(1), noClientId, tags]);
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(withinMs, () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'connect');
    socket.write(Buffer.concat([int32(header.length + body.length), header, body]));
    let answer = Buffer.alloc(0);
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) break;
    }
    return answer.subarray(8 + tags.length);
  } finally {
    socket.destroy();
  }
}

const noTags = Buffer.from([0]);
const int8 = (value: number) => Buffer.from([value]);

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Its length plus one stands before it; ours fit in one byte of a varint. */
function compact(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int8(bytes.length + 1), bytes]);
}
