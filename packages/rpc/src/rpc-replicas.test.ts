import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, onTestFinished, test, vi } from 'vitest';
import { mailSaying, recordingLogger, startLoopback } from './loopback-fixture.ts';
import { createRpcClient } from './rpc-client.ts';
import { createRpcServer } from './rpc-server.ts';
import { serve } from './served-service.ts';

const { getAuthorization, cancelAuthorization } = OauthBrokerServiceService;
const replica = new URL('./replica-child.ts', import.meta.url).pathname;

function clientOf(addresses: readonly string[], deadlineMs = 5_000) {
  const definition = { getAuthorization, cancelAuthorization };
  const client = createRpcClient(definition, addresses.join(','), { deadlineMs });
  onTestFinished(() => client.close());
  const request = (id: string) => ({ authorizationId: id, userId: '' });
  return {
    read: (id: string) => client.getAuthorization(request(id)),
    write: (id: string) => client.cancelAuthorization(request(id)),
  };
}

/** A replica in a process of its own, so that it can be killed. */
async function startReplica(address = '127.0.0.1:0', mode = 'answer') {
  const child = spawn(process.execPath, [replica, address, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const all = (rest + chunk.toString()).split('\n');
    rest = all.pop() ?? '';
    lines.push(...all);
  });
  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }
  onTestFinished(kill);
  const told = await vi.waitFor(() => {
    const line = lines.find((one) => one.startsWith('listening '));
    if (line === undefined) throw new Error('not listening yet');
    return line.slice('listening '.length);
  }, 10_000);
  return {
    address: told,
    kill,
    got: () => lines.filter((line) => line.startsWith('got ')).map((line) => line.slice(4)),
  };
}

test('calls are spread evenly over the replicas that an address lists, by name or by number', async () => {
  const answered: string[] = [];
  const replicas = await Promise.all(
    ['one', 'two'].map((name) =>
      startLoopback(
        async () => {
          answered.push(name);
          return mailSaying(name);
        },
        { address: '127.0.0.1:0' },
      ),
    ),
  );
  const [one, two] = replicas.map(({ server }) => server.address.split(':')[1]);
  const client = createRpcClient(NotificationServiceService, `localhost:${one}, 127.0.0.1:${two}`, {
    deadlineMs: 5_000,
  });
  onTestFinished(() => client.close());
  // The first calls go where the first connection stands.
  await vi.waitFor(async () => {
    await client.getMail({ mailId: 'm' });
    expect(new Set(answered).size).toBe(2);
  }, 10_000);
  answered.length = 0;
  for (let call = 0; call < 100; call++) await client.getMail({ mailId: 'm' });
  expect(answered.filter((name) => name === 'one')).toHaveLength(50);
});

test('while a replica is killed no read fails, and it gets calls again once it is back', async () => {
  const stays = await startReplica();
  const dies = await startReplica();
  const { read } = clientOf([stays.address, dies.address]);
  const stopping = new AbortController();
  let done = 0;
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let call = 0; !stopping.signal.aborted; call++) {
      await read(`${lane}-${call}`);
      done += 1;
    }
  });
  const load = Promise.all(lanes);
  load.catch(() => undefined);
  await vi.waitFor(() => expect(dies.got().length).toBeGreaterThan(50), 20_000);
  await dies.kill();
  const before = done;
  await vi.waitFor(() => expect(done).toBeGreaterThan(before + 100), 20_000);

  const back = await startReplica(dies.address);
  await vi.waitFor(() => expect(back.got().length).toBeGreaterThan(50), 20_000);
  stopping.abort();
  await load;
}, 80_000);

test('a read that runs when its replica is killed is answered by another one; a write is not done twice', async () => {
  const dies = await startReplica('127.0.0.1:0', 'hold');
  const stays = await startReplica();
  const { read, write } = clientOf([dies.address, stays.address]);
  const heldOf = (prefix: string) => dies.got().filter((id) => id.startsWith(prefix));
  // Round robin: sooner or later one is with the replica that never answers.
  const reads: Promise<unknown>[] = [];
  await vi.waitFor(() => {
    reads.push(read(`read-${reads.length}`));
    expect(heldOf('read-').length).toBeGreaterThan(0);
  }, 5_000);
  const writes: Promise<unknown>[] = [];
  await vi.waitFor(() => {
    const call = write(`write-${writes.length}`);
    call.catch(() => undefined);
    writes.push(call);
    expect(heldOf('write-').length).toBeGreaterThan(0);
  }, 5_000);
  await dies.kill();

  await Promise.all(reads);
  const outcomes = await Promise.allSettled(writes);
  const lost = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const held = heldOf('write-');
  expect(lost).toHaveLength(held.length);
  for (const error of lost) expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(stays.got().filter((id) => held.includes(id))).toEqual([]);
});

test('replicas that are restarted one after the other, as told, fail no call and do none twice', async () => {
  const handled: string[] = [];
  const { logger } = recordingLogger();
  const answer = async ({ authorizationId }: { authorizationId: string }) => {
    handled.push(authorizationId);
    return { authorization: undefined };
  };
  const listen = (address: string) =>
    createRpcServer({
      ...{ name: 'replica', address, logger },
      services: [
        serve(
          { getAuthorization, cancelAuthorization },
          { getAuthorization: answer, cancelAuthorization: answer },
        ),
      ],
    });
  const replicas = [await listen('127.0.0.1:0'), await listen('127.0.0.1:0')];
  onTestFinished(async () => void (await Promise.all(replicas.map((one) => one.stop()))));
  const { write } = clientOf(replicas.map(({ address }) => address));
  const stopping = new AbortController();
  let made = 0;
  const load = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (!stopping.signal.aborted) await write(`write-${made++}`);
    }),
  );
  load.catch(() => undefined);
  for (let restart = 0; restart < 10; restart++) {
    const index = restart % replicas.length;
    const before = made;
    await vi.waitFor(() => expect(made).toBeGreaterThan(before + 50), 5_000);
    const { address } = replicas[index] ?? {};
    await replicas[index]?.stop();
    replicas[index] = await listen(address ?? '');
  }
  stopping.abort();
  await load;
  expect(handled).toHaveLength(made);
  expect(new Set(handled).size).toBe(made);
}, 30_000);
