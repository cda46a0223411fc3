import { connect } from 'node:net';
import { createFrameSplitter, readMessage, requestFrame } from './mongo-message.ts';

const withinMs = 2_000;

/** Whether the server on this port answers a driver's first question, and takes writes. */
export function mongoAnswers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  const frames = createFrameSplitter();
  socket.setTimeout(withinMs, () => socket.destroy());
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(false));
  socket.on('connect', () => socket.write(requestFrame(1, { isMaster: 1, $db: 'admin' })));
  socket.on('data', (chunk) => {
    for (const frame of frames(chunk)) resolve(readMessage(frame).body.ismaster === true);
  });
  return promise.finally(() => socket.destroy());
}
