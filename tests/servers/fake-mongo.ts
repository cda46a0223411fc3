import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Document } from 'bson';
import {
  answerFrame,
  createFrameSplitter,
  type MongoMessage,
  readMessage,
} from './mongo-message.ts';

/** Says what a test wants to hear from a MongoDB, such as things that only a larger set of servers would say. */
export async function startFakeMongo(
  answer: (request: MongoMessage) => Document,
): Promise<{ url: string; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const split = createFrameSplitter();
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const request of split(chunk).map(readMessage)) {
        socket.write(answerFrame(request, answer(request)));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
