import { DomainError } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { type AnswerForOne, callTogether } from './call-together.ts';

const round = () => new Promise((done) => setImmediate(done));
const away = new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'It is away.');

/** Answers with ten times the request; `held` calls of several wait for `release`. */
function caller({ held = false, fails = undefined as Error | undefined, most = 4 } = {}) {
  const alone: number[] = [];
  const together: number[][] = [];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const call = callTogether<number, number>({
    most,
    async alone(request) {
      alone.push(request);
      if (request < 0) throw new RangeError('negative');
      return request * 10;
    },
    async together(requests) {
      together.push(requests);
      if (held) await released;
      if (fails) throw fails;
      return requests.map(
        (request): AnswerForOne<number> =>
          request < 0 ? { error: new RangeError('negative') } : { value: request * 10 },
      );
    },
  });
  return { call, alone, together, release };
}

test('requests of one round go together, and each gets its own answer', async () => {
  const { call, together, alone } = caller();
  expect(await Promise.all([call(1), call(2), call(3)])).toEqual([10, 20, 30]);
  expect(together).toEqual([[1, 2, 3]]);
  expect(alone).toEqual([]);
});

test('one of them that fails does not fail the others', async () => {
  const { call } = caller();
  const results = await Promise.allSettled([call(1), call(-2), call(3)]);
  expect(results).toEqual([
    { status: 'fulfilled', value: 10 },
    { status: 'rejected', reason: new RangeError('negative') },
    { status: 'fulfilled', value: 30 },
  ]);
});

test('a single request makes the call of one', async () => {
  const { call, together, alone } = caller();
  expect(await call(1)).toBe(10);
  expect([alone, together]).toEqual([[1], []]);
});

test('no call is larger than what is taken at a time', async () => {
  const { call, together, alone } = caller({ most: 4 });
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9].map(call));
  expect(together).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ]);
  expect(alone).toEqual([9]);
});

test('those that come while a call is under way go together when it has ended', async () => {
  const { call, together, release } = caller({ held: true });
  const first = [call(1), call(2)];
  await round();
  const later = [call(3)];
  release();
  await Promise.all(first);
  later.push(call(4));
  expect(await Promise.all(later)).toEqual([30, 40]);
  expect(together[0]).toEqual([1, 2]);
});

test('a call that hangs does not hold up those that come after it', async () => {
  const { call, together } = caller({ held: true });
  void call(1);
  void call(2);
  await round();
  expect(await call(3)).toBe(30);
  void call(4);
  void call(5);
  await expect
    .poll(() => together)
    .toEqual([
      [1, 2],
      [4, 5],
    ]);
});

test('where the other side is away each learns that, and nothing is asked once more', async () => {
  const { call, alone } = caller({ fails: away });
  const results = await Promise.allSettled([call(1), call(2)]);
  expect(results.map((result) => result.status === 'rejected' && result.reason)).toEqual([
    away,
    away,
  ]);
  expect(alone).toEqual([]);
});

test('a call of several that fails for another reason is made one by one', async () => {
  const unknown = new DomainError('internal', 'RPC_FAILED', 'It does not know the call.');
  const { call } = caller({ fails: unknown });
  const results = await Promise.allSettled([call(1), call(-2), call(3)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a request that is left without an answer fails by name', async () => {
  const call = callTogether<number, number>({
    ...{ most: 4, alone: async (request) => request },
    together: async (requests) => requests.slice(1).map((value) => ({ value })),
  });
  const [, second] = await Promise.allSettled([call(1), call(2)]);
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'RPC_FAILED' } });
});
