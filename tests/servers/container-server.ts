import { setTimeout as delay } from 'node:timers/promises';
import type { GenericContainer, WaitStrategy } from 'testcontainers';
import type { ServerNode } from './server-node.ts';

export type ContainerServer = {
  container: GenericContainer;
  /** The same inside and outside, so that it comes back on them. */
  ports: readonly number[];
  /** Called until it holds, after each start. */
  answers(): Promise<boolean>;
  withinMs: number;
};

const pollMs = 100;

/** We ask the server itself, and tell its log when it ends instead; the ready-made strategies then only say that it did. */
const dontWait: WaitStrategy = {
  waitUntilReady: async () => undefined,
  withStartupTimeout: () => dontWait,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
};

/** A server in a container; resolves when it answers. Testcontainers' own watchman removes the container when this process has died. */
export async function startContainerServer(server: ContainerServer): Promise<ServerNode> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const started = await server.container
    .withExposedPorts(...server.ports.map((port) => ({ container: port, host: port })))
    .withWaitStrategy(dontWait)
    .start();
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(started.getId());
  const state = async () => (await container.inspect()).State;

  async function awaitAnswer(): Promise<void> {
    const deadline = performance.now() + server.withinMs;
    while (!(await server.answers())) {
      const isLate = performance.now() > deadline;
      if (isLate || !(await state()).Running) {
        const why = isLate ? `does not answer within ${server.withinMs} ms` : 'has ended';
        const log = await container.logs({ stdout: true, stderr: true, tail: 25 });
        throw new Error(`The container ${why}. Its log ends with:\n${linesOf(log)}`);
      }
      await delay(pollMs);
    }
  }

  /** Docker neither kills nor stops what is paused. */
  async function resume(): Promise<void> {
    if ((await state()).Paused) await container.unpause();
  }

  async function stop(): Promise<void> {
    await resume();
    await started.stop({ timeout: 0, removeVolumes: true });
  }

  await awaitAnswer().catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    async kill() {
      await resume();
      if (!(await state()).Running) return;
      const ended = container.wait();
      await container.kill();
      await ended;
    },
    async pause() {
      const { Running, Paused } = await state();
      if (Running && !Paused) await container.pause();
    },
    resume,
    async start() {
      if (!(await state()).Running) await container.start();
      await awaitAnswer();
    },
    stop,
  };
}

/** Docker sends the output in pieces: eight bytes (stream, size), then so much of it. */
function linesOf(log: Buffer): string {
  let text = '';
  for (let at = 0; at + 8 <= log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4);
    text += log.toString('utf8', at + 8, end);
    at = end;
  }
  return text;
}
