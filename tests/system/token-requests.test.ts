import type { GetAccessTokenRequest } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { durationFromMs } from '@credential-renewal/rpc';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { signIn } from './person.ts';
import { productTest as test } from './product.ts';
import { startTokenWorker, type TokenWorker } from './token-worker.ts';

let worker: TokenWorker;

beforeAll(async () => {
  worker = await startTokenWorker();
});
beforeEach(() => worker.beginAnew());
afterAll(() => worker?.dispose());

test('a worker of another account finds neither source nor credential', async () => {
  const { source } = await worker.addSource('orchard-drive', 'orchard');
  const { credentialId } = await worker.read(source);
  const olga = await signIn(worker.product, 'olga');
  const foreign = { accountId: olga.me.account.id };
  const byCredential = { $case: 'credentialId', value: credentialId } as const;
  for (const target of [worker.request(source).target, byCredential]) {
    await expect(
      worker.broker.getAccessToken(worker.request(source, { ...foreign, target })),
    ).rejects.toMatchObject({ kind: 'not_found' });
    await expect(
      worker.broker.reportRejectedToken({
        ...foreign,
        target,
        tokenHash: 'a'.repeat(43),
        worker: 'w',
      }),
    ).rejects.toMatchObject({ kind: 'not_found' });
  }
  expect(
    (await worker.broker.getAccessToken(worker.request(source, { target: byCredential })))
      .credentialId,
  ).toBe(credentialId);
});

test('a pending source has no token, and says that it is pending', async () => {
  const pending = await worker.ada.addSource({ connectorId: 'orchard-drive', name: 'Pending' });
  await expect(worker.read(pending)).rejects.toMatchObject({
    kind: 'failed_precondition',
    code: 'SOURCE_PENDING',
  });
});

test('every wrong field of a request is named', async () => {
  const nothing: GetAccessTokenRequest = {
    accountId: '',
    target: { $case: 'sourceId', value: '../etc' },
    minimumRemainingLife: durationFromMs(48 * 60 * 60_000),
    worker: 'w'.repeat(101),
  };
  const fieldsOf = async (call: Promise<unknown>) => {
    const error = (await call.catch((refused: unknown) => refused)) as {
      kind: string;
      violations: { field: string }[];
    };
    expect(error.kind).toBe('invalid_argument');
    return error.violations.map(({ field }) => field);
  };
  expect(await fieldsOf(worker.broker.getAccessToken(nothing))).toEqual([
    'account_id',
    'source_id',
    'minimum_remaining_life',
    'worker',
  ]);
  expect(await fieldsOf(worker.broker.getAccessToken({ ...nothing, target: undefined }))).toContain(
    'target',
  );
  expect(
    await fieldsOf(
      worker.broker.reportRejectedToken({
        accountId: 'no account',
        target: { $case: 'credentialId', value: '' },
        tokenHash: 'short',
        worker: '',
      }),
    ),
  ).toEqual(['account_id', 'credential_id', 'token_hash', 'worker']);
});
