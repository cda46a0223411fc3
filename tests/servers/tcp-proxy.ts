import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createProxyListener } from './proxy-listener.ts';

export type TcpProxy = {
  port: number;
  /** Accepted since the start. */
  connections(): number;
  /** Unreachable: what is connected is reset, and connecting is refused, until `resume`. */
  cut(): Promise<void>;
  /** A hanging network: connecting works, and nothing arrives on either side until `resume`, which then delivers it. */
  pause(): void;
  /** Every piece of data waits so long, in both directions. */
  slow(delayMs: number): void;
  /** As if nothing had been. */
  resume(): Promise<void>;
  stop(): Promise<void>;
};

/** Passes bytes between `port` and `targetPort` of 127.0.0.1, and is the bad network in between. */
export async function createTcpProxy(port: number, targetPort: number): Promise<TcpProxy> {
  let delayMs = 0;
  let halted = Promise.withResolvers<void>();
  halted.resolve();

  async function* pass(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      if (delayMs > 0) await delay(delayMs);
      await halted.promise;
      yield chunk;
    }
  }

  function join(client: Socket): void {
    const target = connect({
      port: targetPort,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    });
    // A side that breaks breaks the other one; before the pipelines hear of it, which would end that one politely.
    client.on('error', () => target.resetAndDestroy());
    target.on('error', () => client.resetAndDestroy());
    pipeline(client, pass, target).catch(() => undefined);
    pipeline(target, pass, client).catch(() => undefined);
  }

  const listener = await createProxyListener(port, join);
  return {
    port,
    connections: listener.accepted,
    cut: listener.refuse,
    pause() {
      halted = Promise.withResolvers();
    },
    slow(ms) {
      delayMs = ms;
    },
    async resume() {
      delayMs = 0;
      halted.resolve();
      await listener.open();
    },
    async stop() {
      await listener.refuse();
      halted.resolve();
    },
  };
}
