import { connect } from 'node:net';
import type { Document } from 'bson';
import { createFrameSplitter, readMessage, requestFrame } from './mongo-message.ts';

const withinMs = 5_000;

/** One command without a login, on a connection of its own: the driver would follow the server to the address that it gives. */
export function askMongo(port: number, command: Document): Promise<Document> {
  const { promise, resolve, reject } = Promise.withResolvers<Document>();
  const socket = connect(port, '127.0.0.1');
  const frames = createFrameSplitter();
  socket.setTimeout(withinMs, () => socket.destroy());
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('the connection ended before the answer')));
  socket.on('connect', () => socket.write(requestFrame(1, { ...command, $db: 'admin' })));
  socket.on('data', (chunk) => {
    for (const frame of frames(chunk)) resolve(readMessage(frame).body);
  });
  return promise.finally(() => socket.destroy());
}

/** Whether the server on this port takes writes. */
export function mongoAnswers(port: number): Promise<boolean> {
  return askMongo(port, { isMaster: 1 }).then(
    ({ ismaster }) => ismaster === true,
    () => false,
  );
}
