import { connect } from 'node:net';
import { buildEvent } from '@credential-renewal/events';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { SourceDrill } from '@credential-renewal/proto/events/v1/drill';
import { SourceCredentialState } from '@credential-renewal/proto/events/v1/source';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ids } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

const heartbeatMs = 60;
let world: GatewayWorld;
beforeEach(async () => {
  world = await startGatewayWorld({ heartbeatMs });
});
afterEach(() => world.stop());

let sequence = 0;

/** Tells of one source; what is not given is somebody else's. */
async function publish(version: number, overrides: Partial<SourceCredentialState> = {}) {
  sequence += 1;
  const state: SourceCredentialState = {
    sourceId: ids.source,
    accountId: ids.account,
    name: 'Design files',
    connectorId: 'demo-drive',
    creatorId: ids.creator,
    version: BigInt(version),
    status: CredentialStatus.EXPIRED,
    since: new Date('2026-05-01T10:00:00Z'),
    sharedWith: [],
    ...overrides,
  };
  await world.eventLog.publish([
    buildEvent({
      source: '/test',
      topic: 'source.credential-state',
      subject: ids.source,
      key: ids.source,
      sequence,
      data: SourceCredentialState.toJSON(state),
      schema: 'SourceCredentialState',
      nowMs: Date.now(),
    }),
  ]);
}

type Stream = {
  response: Response;
  /** Reads on until the text so far matches; answers with all of it. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with the whole text once the server has ended it. */
  ended(): Promise<string>;
  close(): Promise<void>;
};

async function open(as: string, lastEventId?: string): Promise<Stream> {
  const response = await world.fetch('/api/v1/events', {
    as,
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  async function more(): Promise<boolean> {
    const { done, value } = await reader.read();
    if (value) text += Buffer.from(value).toString();
    return !done;
  }
  return {
    response,
    async until(pattern) {
      while (!pattern.test(text)) if (!(await more())) throw new Error(`ended after: ${text}`);
      return text;
    },
    async ended() {
      while (await more());
      return text;
    },
    close: () => reader.cancel(),
  };
}

function idsIn(text: string): string[] {
  return [...text.matchAll(/^id: (.+)$/gm)].map((match) => match[1] ?? '');
}

test('the creator of a source is told what has become of it', async () => {
  const stream = await open(ids.creator);
  await stream.until(/^id: /m);
  expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
  expect(stream.response.headers.get('x-accel-buffering')).toBe('no');
  await publish(7);
  const text = await stream.until(/data: .*\n\n/);
  await stream.close();
  expect(text).toMatch(/^retry: 1000$/m);
  expect(text).toMatch(/^event: source\.credential-state$/m);
  expect(JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '')).toEqual({
    sourceId: ids.source,
    authorizedConnectionId: null,
    workspaceId: null,
    status: 'expired',
    version: 7,
  });
});

test('a client that was away gets exactly what it missed', async () => {
  const first = await open(ids.creator);
  const [start = ''] = idsIn(await first.until(/^id: .*\n/m));
  await first.close();
  await publish(1);
  await publish(2);
  const second = await open(ids.creator, start);
  const text = await second.until(/"version":2/);
  await second.close();
  expect(text.match(/"version":\d/g)).toEqual(['"version":1', '"version":2']);
  expect(text).not.toContain('event: reset');

  const third = await open(ids.creator, idsIn(text).at(-1));
  await publish(3);
  const rest = await third.until(/"version":3/);
  await third.close();
  expect(rest).not.toContain('"version":2');
});

test.each(['another-1', 'ffffffffffff-3', 'no id'])(
  'an unknown Last-Event-ID %j gets a reset',
  async (id) => {
    const stream = await open(ids.creator, id);
    const text = await stream.until(/event: reset\ndata: \{\}\n\n/);
    await stream.close();
    expect(text).toContain('event: reset');
  },
);

test('everybody hears of what they may see, and of nothing else', async () => {
  const streams = {
    creator: await open(ids.creator),
    member: await open(ids.member),
    admin: await open(ids.admin),
    outsider: await open(ids.outsider),
  };
  for (const stream of Object.values(streams)) await stream.until(/^id: /m);
  await publish(1, { creatorId: ids.unknown });
  await publish(2, { creatorId: ids.unknown, workspaceId: ids.workspace });
  await publish(3, { creatorId: ids.unknown, sharedWith: [ids.creator] });
  await publish(4, { creatorId: ids.unknown, status: CredentialStatus.REVOKING });
  await publish(5, { accountId: ids.otherAccount, creatorId: ids.unknown });
  await publish(6, { accountId: ids.otherAccount, creatorId: ids.outsider });
  await publish(7, { creatorId: ids.creator, workspaceId: ids.workspace });

  const seen = async (stream: Stream, last: RegExp) =>
    ((await stream.until(last)).match(/"version":\d/g) ?? [])
      .map((text) => text.slice(-1))
      .join('');
  expect(await seen(streams.creator, /"version":7/)).toBe('37');
  expect(await seen(streams.member, /"version":7/)).toBe('27');
  expect(await seen(streams.admin, /"version":7/)).toBe('1237');
  expect(await seen(streams.outsider, /"version":6/)).toBe('6');
  for (const stream of Object.values(streams)) await stream.close();
});

test('an event that nobody can read does not end the stream for others', async () => {
  const stream = await open(ids.creator);
  await stream.until(/^id: /m);
  sequence += 1;
  await world.eventLog.publish([
    buildEvent({
      source: '/test',
      topic: 'source.credential-state',
      subject: ids.source,
      key: ids.source,
      sequence,
      data: { some: 'later version' },
      schema: 'CredentialExpired',
      nowMs: Date.now(),
    }),
  ]);
  await publish(2);
  await stream.until(/"version":2/);
  await stream.close();
  expect(world.logLines.filter((line) => line.includes('could not be read'))).toHaveLength(1);
});

test('an idle stream is kept alive by comments', async () => {
  const stream = await open(ids.creator);
  await stream.until(/(^: \n[\s\S]*){2}/m);
  await stream.close();
});

test('a stream ends with its session', async () => {
  const stream = await open(ids.creator);
  await stream.until(/^id: /m);
  world.clock.advance(12 * 60 * 60_000 + 1_000);
  await stream.ended();
});

test('a stream ends for somebody who has left', async () => {
  const stream = await open(ids.member);
  await stream.until(/^id: /m);
  const user = world.registry.users.get(ids.member);
  if (user) user.left = true;
  world.clock.advance(6_000);
  await stream.ended();
});

test('while the registry is away streams stay, and a reset stands for what cannot be judged', async () => {
  const stream = await open(ids.member);
  await stream.until(/^id: /m);
  world.registryAway = true;
  world.clock.advance(11_000);
  await publish(1, { creatorId: ids.unknown, workspaceId: ids.workspace });
  await stream.until(/event: reset\n/);
  world.registryAway = false;
  world.clock.advance(11_000);
  await publish(2, { creatorId: ids.unknown, workspaceId: ids.workspace });
  await stream.until(/"version":2/);
  await stream.close();
});

test('a shutdown ends open streams at once', async () => {
  const stream = await open(ids.creator);
  await stream.until(/^id: /m);
  await world.stopGateway();
  await stream.ended();
});

test('a client that takes nothing is dropped', async () => {
  const { port, hostname } = new URL(world.address);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  const cookie = await world.sessionOf(ids.creator);
  // Nothing reads from this socket.
  socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n\r\n`);
  await expect.poll(openStreams).toBe(1);
  // More than the kernel's buffers of both ends hold.
  const padding = 'x'.repeat(400_000);
  for (let version = 1; version <= 30; version += 1)
    await publish(version, { authorizedConnectionId: padding });
  await expect.poll(openStreams, { timeout: 5_000 }).toBe(0);
  socket.destroy();
}, 10_000);

async function openStreams(): Promise<number | undefined> {
  const metric = await world.metrics.getSingleMetric('gateway_event_streams')?.get();
  return metric?.values[0]?.value;
}

test('a drill is told to those whom it is for and to administrators, without names', async () => {
  const drillId = '01900000-0000-7000-8000-0000000000f1';
  const streams = await Promise.all([open(ids.creator), open(ids.admin), open(ids.member)]);
  const drill = SourceDrill.fromPartial({
    ...{ drillId, sourceId: ids.source, accountId: ids.account, name: 'Design files' },
    ...{ startedBy: ids.admin, recipients: [{ userId: ids.creator }] },
  });
  await world.eventLog.publish([
    buildEvent({
      ...{ source: '/source-registry', topic: 'source.drill', subject: ids.source },
      ...{ key: ids.source, sequence: 1, schema: 'SourceDrill', data: SourceDrill.toJSON(drill) },
      nowMs: Date.now(),
    }),
  ]);
  // Told after it, to everybody: who has this has passed the drill.
  await publish(1, { creatorId: ids.creator, workspaceId: ids.workspace });
  const [creator, admin, member] = await Promise.all(
    streams.map((stream) => stream.until(/event: source\.credential-state/)),
  );
  const data = { sourceId: ids.source, authorizedConnectionId: null, drillId, running: true };
  for (const text of [creator, admin])
    expect(text).toContain(`event: source.drill\ndata: ${JSON.stringify(data)}`);
  expect(member).not.toContain('source.drill');
  await Promise.all(streams.map((stream) => stream.close()));
});
