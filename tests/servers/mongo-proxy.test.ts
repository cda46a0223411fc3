import mongoose from 'mongoose';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startFakeMongo } from './fake-mongo.ts';
import { commandOf, type MongoMessage } from './mongo-message.ts';
import { createMongoProxy, type MongoProxy } from './mongo-proxy.ts';
import { type MongoServer, startMongo } from './mongo-server.ts';
import { askMongo } from './mongo-wire.ts';
import { canStart } from './own-servers.ts';

type Counter = { _id: string; count: number };

const int = (value: number) => new mongoose.mongo.Int32(value);
const isGreeting = (request: MongoMessage) => ['hello', 'ismaster'].includes(commandOf(request));

const connect = (url: string, options: mongoose.mongo.MongoClientOptions = {}) =>
  new mongoose.mongo.MongoClient(url, { retryReads: false, retryWrites: false, ...options });

describe.skipIf(!canStart.mongodb)('a proxy in front of MongoDB, to the official driver', () => {
  let server: MongoServer;
  let proxy: MongoProxy;
  let client: mongoose.mongo.MongoClient;
  let direct: mongoose.mongo.MongoClient;

  beforeAll(async () => {
    server = await startMongo({ own: true });
    proxy = await createMongoProxy(server.url);
    client = connect(proxy.url);
    direct = connect(server.url);
  });
  afterEach(() => proxy.reset());
  afterAll(async () => {
    await client?.close();
    await direct?.close();
    await proxy?.stop();
    await server?.stop();
  });

  const counters = (through = client) => through.db('proxy').collection<Counter>('counters');
  const increase = (_id: string) =>
    counters().findOneAndUpdate(
      { _id },
      { $inc: { count: 1 } },
      { upsert: true, returnDocument: 'after' },
    );
  /** What the server holds, whatever the proxy says. */
  const stored = async (_id: string) => (await counters(direct).findOne({ _id }))?.count;

  test('everything passes, and the driver stays with the proxy', async () => {
    await increase('passes');
    expect(await counters().countDocuments({ _id: 'passes' })).toBe(1);
    const { requests, connections } = proxy.counters();
    expect(requests).toMatchObject({ findandmodify: 1, aggregate: 1 });
    expect(connections).toBeGreaterThan(1);
    expect([...client.options.hosts].map(String)).toEqual([new URL(proxy.url).host]);
  });

  test('documents larger than any chunk pass whole', async () => {
    const text = 'x'.repeat(5_000_000);
    const texts = client.db('proxy').collection<{ _id: string; text: string }>('texts');
    await texts.insertOne({ _id: 'large', text });
    expect((await texts.findOne({ _id: 'large' }))?.text === text).toBe(true);
  });

  test('a cut reply is an error to the driver and a write to the server, as often as said', async () => {
    await increase('cut');
    proxy.cutReply({ command: 'findAndModify', times: 1 });
    await expect(increase('cut')).rejects.toThrow(mongoose.mongo.MongoNetworkError);
    expect(await stored('cut')).toBe(2);
    expect(await increase('cut')).toMatchObject({ count: 3 });
  });

  test('a cut request is the same error, and nothing has happened', async () => {
    await increase('not sent');
    proxy.cutRequest({ command: 'findAndModify', times: 1 });
    await expect(increase('not sent')).rejects.toThrow(mongoose.mongo.MongoNetworkError);
    expect(await stored('not sent')).toBe(1);
  });

  test('a fault meets its collection only', async () => {
    const { faults } = proxy.counters();
    proxy.cutReply({ command: 'findAndModify', collection: 'others', times: 1 });
    expect(await increase('spared')).toMatchObject({ count: 1 });
    expect(proxy.counters().faults).toBe(faults);
    proxy.cutReply({ command: 'findAndModify', collection: 'counters', times: 1 });
    await expect(increase('spared')).rejects.toThrow(mongoose.mongo.MongoNetworkError);
    expect(proxy.counters().faults).toBe(faults + 1);
  });

  test('a primary that steps down says so to writes and not to reads; the driver finds it again', async () => {
    await increase('stepping');
    proxy.answerNotPrimary({ times: 2 });
    for (let time = 0; time < 2; time++) {
      await expect(increase('stepping')).rejects.toMatchObject({
        code: 10107,
        codeName: 'NotWritablePrimary',
      });
      expect(await counters().findOne({ _id: 'stepping' })).toMatchObject({ count: 1 });
    }
    expect(await increase('stepping')).toMatchObject({ count: 2 });
  });

  test('a delay holds every answer back', async () => {
    await increase('slow');
    proxy.delayReplies(120);
    const startedMs = performance.now();
    await increase('slow');
    // Timers may fire a millisecond early.
    expect(performance.now() - startedMs).toBeGreaterThan(118);
  });

  test('a refused login is code 18, whatever the password', async () => {
    proxy.refuseAuthentication();
    const url = proxy.url.replace('mongodb://', 'mongodb://vault:not-it@');
    const stranger = connect(url, { serverSelectionTimeoutMS: 5_000 });
    await expect(stranger.db('proxy').command({ ping: 1 })).rejects.toMatchObject({ code: 18 });
    await stranger.close();
  });

  test('refused connections end the open ones too, and come back on the same port', async () => {
    const hasty = connect(proxy.url, { serverSelectionTimeoutMS: 300 });
    await hasty.db('proxy').command({ ping: 1 });
    await proxy.refuseConnections();
    await vi.waitFor(() =>
      expect(hasty.db('proxy').command({ ping: 1 })).rejects.toThrow(/ECONNREFUSED/),
    );
    await proxy.reset();
    await vi.waitFor(() => hasty.db('proxy').command({ ping: 1 }), { timeout: 5_000 });
    await hasty.close();
  });
});

test('a member of a replica set cannot send the driver around the proxy, compress, or log it in while greeting', async () => {
  const greeting = {
    ...{ ismaster: true, setName: 'set', maxWireVersion: 21, minWireVersion: 0, ok: 1 },
    ...{ me: 'elsewhere:1', primary: 'elsewhere:1', hosts: ['elsewhere:1', 'elsewhere:2'] },
    ...{
      arbiters: ['elsewhere:3'],
      compression: ['zlib'],
      speculativeAuthenticate: { done: true },
    },
  };
  const server = await startFakeMongo((request) => (isGreeting(request) ? greeting : { ok: 1 }));
  const proxy = await createMongoProxy(server.url);
  const { host, port } = new URL(proxy.url);
  expect(await askMongo(Number(port), { hello: 1 })).toEqual({
    ...{
      ismaster: true,
      setName: 'set',
      maxWireVersion: int(21),
      minWireVersion: int(0),
      ok: int(1),
    },
    ...{ me: host, primary: host, hosts: [host] },
  });
  const client = connect(proxy.url, { serverSelectionTimeoutMS: 5_000 });
  expect(await client.db('proxy').command({ ping: 1 })).toMatchObject({ ok: 1 });
  await client.close();
  await proxy.stop();
  server.stop();
});

test('a URL of several servers is refused: a proxy in front of one of them is none', async () => {
  await expect(createMongoProxy('mongodb://a:1,b:2')).rejects.toThrow('one server');
  await expect(createMongoProxy('mongodb+srv://a')).rejects.toThrow('one server');
});
