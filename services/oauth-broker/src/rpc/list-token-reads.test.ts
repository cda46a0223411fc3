import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@credential-renewal/runtime/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { beginFirst, complete } from '../testing/authorize.ts';
import {
  type BrokerOptions,
  type BrokerUnderTest,
  startBrokerUnderTest,
} from '../testing/broker-under-test.ts';

const day = (broker: BrokerUnderTest) => new Date(broker.clock.nowMs()).toISOString().slice(0, 10);

/** A broker with one source that was authorized. */
async function start(options: BrokerOptions = {}): Promise<BrokerUnderTest> {
  const broker = await startBrokerUnderTest(options);
  const begun = await beginFirst(broker);
  await complete(broker, begun, broker.provider.consent(begun.redirectUrl));
  return broker;
}

const read = ({ rpc }: BrokerUnderTest, worker: string, accountId = 'acme') =>
  rpc.getAccessToken({
    ...{ accountId, worker, minimumRemainingLife: undefined },
    target: { $case: 'sourceId', value: 'reports' },
  });

const list = (
  { rpc }: BrokerUnderTest,
  wishes: { accountId?: string; credentialId?: string; pageSize?: number; pageToken?: string } = {},
) =>
  rpc.listTokenReads({
    ...{ accountId: 'acme', credentialId: undefined, pageSize: 0, pageToken: '', ...wishes },
  });

test('who read which token how often is told by worker and day', async () => {
  await using broker = await start();
  const { credentialId } = await read(broker, 'sync');
  for (let at = 0; at < 4; at += 1) await read(broker, 'sync');
  await read(broker, 'indexer');
  const today = { credentialId, day: day(broker), lastReadAt: expect.any(Date) };
  expect((await list(broker)).reads).toEqual([
    { ...today, worker: 'indexer', count: 1n },
    { ...today, worker: 'sync', count: 5n },
  ]);
  expect((await list(broker, { credentialId: 'another' })).reads).toEqual([]);
});

test('a worker of another account reads nothing, is not counted, and sees no counts', async () => {
  await using broker = await start();
  await read(broker, 'sync');
  await expect(read(broker, 'spy', 'globex')).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  expect((await list(broker, { accountId: 'globex' })).reads).toEqual([]);
  expect((await list(broker)).reads.map(({ worker }) => worker)).toEqual(['sync']);
});

test('where calls carry certificates, the reader is whom its certificate names, whatever it says of itself', async () => {
  const authority = createAuthority('Ours');
  const directoryFor = (...names: string[]) => {
    const directory = mkdtempSync(join(tmpdir(), 'tls-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const uris = names.map((name) => `spiffe://credential-renewal/${name}`);
    const { certificate, key } = authority.issueFor({ uris });
    writeFileSync(join(directory, 'tls.crt'), certificate);
    writeFileSync(join(directory, 'tls.key'), key);
    writeFileSync(join(directory, 'ca.crt'), authority.certificate);
    return directory;
  };
  await using broker = await start({
    config: {
      listenAddress: '127.0.0.1:0',
      rpc: { tlsDirectory: directoryFor('oauth-broker') },
    },
    clientTlsDirectory: directoryFor('gateway', 'worker/orders', 'operator'),
  });
  await read(broker, 'somebody else');
  expect((await list(broker)).reads).toMatchObject([{ worker: 'orders', count: 1n }]);
  expect(await broker.metrics.metrics()).toMatch(/access_token_reads_total\{worker="orders",/);
});

test('counts survive a stop of the broker', async () => {
  await using broker = await start();
  await read(broker, 'sync');
  await broker.restart((entry) => entry);
  await read(broker, 'sync');
  expect((await list(broker)).reads).toMatchObject([{ worker: 'sync', count: 2n }]);
});

test('pages follow each other without a gap, and a foreign page token is refused by name', async () => {
  await using broker = await start();
  const workers = ['a', 'b', 'c', 'd', 'e'];
  for (const worker of workers) await read(broker, worker);
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await list(broker, { pageSize: 2, pageToken });
    seen.push(...page.reads.map(({ worker }) => worker));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual(workers);
  await expect(list(broker, { pageToken: 'bm9uc2Vuc2U' })).rejects.toThrow('page_token');
});

test('a read is counted in memory first, and the metrics tell how many counts wait', async () => {
  await using broker = await start();
  const metrics = await vi.waitFor(async () => {
    // Again where the counts were written just before.
    await read(broker, 'sync');
    const text = await broker.metrics.metrics();
    expect(text).toMatch(/^access_token_read_counts_waiting 1$/m);
    return text;
  });
  expect(metrics).toMatch(/^access_token_reads_uncounted_total 0$/m);
  expect(metrics).toMatch(
    /^access_token_reads_total\{worker="sync",source="(vault|cache|refresh)"\} /m,
  );
});
