import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Document } from 'bson';
import {
  authenticationFailed,
  createMongoFaults,
  type FaultTarget,
  isLogin,
  isWrite,
  meets,
  notWritablePrimary,
} from './mongo-faults.ts';
import {
  answerFrame,
  commandOf,
  createFrameSplitter,
  type MongoMessage,
  readMessage,
  withBody,
} from './mongo-message.ts';
import { createProxyListener } from './proxy-listener.ts';
import { serverPorts } from './server-ports.ts';

export type MongoProxy = {
  /** The server's, with the proxy in its place. */
  url: string;
  /** The server applies the command, and the connection ends instead of its answer: an unknown outcome that was a success. */
  cutReply(target: FaultTarget): void;
  /** The connection ends before the server has seen the command: an unknown outcome that was none. */
  cutRequest(target: FaultTarget): void;
  /** NotWritablePrimary to a command, or to whatever writes: a primary that steps down. */
  answerNotPrimary(target: Partial<FaultTarget> & Pick<FaultTarget, 'times'>): void;
  /** Every answer waits so long, those to the driver's monitor too. */
  delayReplies(delayMs: number): void;
  /** Every login from now on fails as with a wrong password. */
  refuseAuthentication(): void;
  /** Nobody listens: what is connected is reset, and connecting is refused. */
  refuseConnections(): Promise<void>;
  /** No faults any more. */
  reset(): Promise<void>;
  stop(): Promise<void>;
  counters(): MongoProxyCounters;
};

export type MongoProxyCounters = {
  /** Accepted since the start. */
  connections: number;
  /** Requests by command, in lower case, whatever happened to them. */
  requests: Record<string, number>;
  /** How many requests met a fault. */
  faults: number;
};

/** A proxy in front of one server that reads MongoDB's protocol, so that a fault meets a chosen command. No TLS. */
export async function createMongoProxy(targetUrl: string): Promise<MongoProxy> {
  const target = addressIn(targetUrl);
  const [port = 0] = await serverPorts(1);
  const address = `127.0.0.1:${port}`;
  const faults = createMongoFaults();
  const requests = new Map<string, number>();
  let delayMs = 0;

  function join(client: Socket): void {
    const server = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const doomed = new Set<number>();
    const cut = () => {
      client.resetAndDestroy();
      server.resetAndDestroy();
    };

    async function* toServer(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const frame of frames(chunks)) {
        const request = readMessage(frame);
        const command = commandOf(request);
        requests.set(command, (requests.get(command) ?? 0) + 1);
        const treatment = faults.treat(request);
        switch (treatment.kind) {
          case 'cut reply':
            doomed.add(request.requestId);
            yield frame;
            break;
          case 'forward':
            yield frame;
            break;
          case 'answer':
            client.write(answerFrame(request, treatment.body));
            break;
          case 'cut request':
            return cut();
          default:
            throw new Error(`no such treatment: ${treatment satisfies never}`);
        }
      }
    }

    async function* toClient(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const frame of frames(chunks)) {
        const reply = readMessage(frame);
        if (doomed.has(reply.responseTo)) return cut();
        if (delayMs > 0) await delay(delayMs);
        yield isGreeting(reply) ? withBody(reply, greetingOf(address, reply.body)) : frame;
      }
    }

    // A side that breaks breaks the other one; before the pipelines hear of it, which would end that one politely.
    client.on('error', cut);
    server.on('error', cut);
    pipeline(client, toServer, server).catch(cut);
    pipeline(server, toClient, client).catch(cut);
  }

  const listener = await createProxyListener(port, join);
  return {
    url: targetUrl.replace(`${target.host}:${target.port}`, address),
    cutReply: ({ times, ...target }) =>
      faults.add({ times, meets: meets(target), treatment: () => ({ kind: 'cut reply' }) }),
    cutRequest: ({ times, ...target }) =>
      faults.add({ times, meets: meets(target), treatment: () => ({ kind: 'cut request' }) }),
    answerNotPrimary: ({ times, command, collection }) =>
      faults.add({
        times,
        meets: command === undefined ? isWrite : meets({ command, collection }),
        treatment: (request) => ({ kind: 'answer', body: notWritablePrimary(request) }),
      }),
    delayReplies(ms) {
      delayMs = ms;
    },
    refuseAuthentication: () =>
      faults.add({
        times: Number.POSITIVE_INFINITY,
        meets: isLogin,
        treatment: () => ({ kind: 'answer', body: authenticationFailed }),
      }),
    refuseConnections: listener.refuse,
    async reset() {
      faults.clear();
      delayMs = 0;
      await listener.open();
    },
    stop: listener.refuse,
    counters: () => ({
      connections: listener.accepted(),
      requests: Object.fromEntries(requests),
      faults: faults.used(),
    }),
  };
}

async function* frames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const split = createFrameSplitter();
  for await (const chunk of chunks) yield* split(chunk);
}

const isGreeting = ({ body }: MongoMessage): boolean =>
  'ismaster' in body || 'isWritablePrimary' in body;

/**
 * A member of a replica set tells drivers where the set lives, and they go there, around the proxy. Nor may they compress what is to be read
 * here, or log in while greeting, where a login cannot be refused.
 */
function greetingOf(address: string, body: Document): Document {
  const { compression, speculativeAuthenticate, ...greeting } = body;
  if (!('hosts' in greeting)) return greeting;
  const { passives, arbiters, ...member } = greeting;
  return { ...member, hosts: [address], me: address, primary: address };
}

function addressIn(url: string): { host: string; port: number } {
  const [, host, port] = /^mongodb:\/\/(?:[^@/]*@)?([^:/?,]+):(\d+)(?:[/?]|$)/.exec(url) ?? [];
  if (!host) throw new Error('The proxy stands in front of one server, mongodb://HOST:PORT.');
  return { host, port: Number(port) };
}
