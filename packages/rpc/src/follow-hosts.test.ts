import { expect, onTestFinished, test, vi } from 'vitest';
import { followHosts, type HostPort, type Lookup } from './follow-hosts.ts';

const unknown = new Error('ENOTFOUND');

function follow(lookup: Lookup, hosts: HostPort[], { minIntervalMs = 0 } = {}) {
  const heard: (string[] | undefined)[] = [];
  const followed = followHosts({
    hosts,
    lookup,
    found: (addresses) => heard.push(addresses?.map(({ host, port }) => `${host}:${port}`)),
    minIntervalMs,
    retry: { baseMs: 1, maxMs: 5 },
    random: () => 0.5,
  });
  onTestFinished(() => followed.forget());
  followed.look();
  return { heard, ...followed };
}

const one = { host: 'one', port: 1 };
const two = { host: 'two', port: 2 };

test('a name that nobody knows yet is asked for until somebody does', async () => {
  let asked = 0;
  const { heard } = follow(async () => {
    asked += 1;
    if (asked < 8) throw unknown;
    return ['10.0.0.1', '10.0.0.2'];
  }, [one]);
  await vi.waitFor(() => expect(heard.at(-1)).toEqual(['10.0.0.1:1', '10.0.0.2:1']));
  expect(heard.slice(0, -1)).toEqual(Array(7).fill(undefined));
});

test('a host that is unknown, or slow to be known, does not take the others away', async () => {
  const slow = Promise.withResolvers<string[]>();
  const answers: Record<string, Promise<string[]>> = { one: slow.promise };
  const { heard } = follow(async (host) => (await answers[host]) ?? ['10.0.0.2'], [one, two]);
  await vi.waitFor(() => expect(heard).toEqual([['10.0.0.2:2']]));
  slow.resolve(['10.0.0.1']);
  await vi.waitFor(() => expect(heard.at(-1)).toEqual(['10.0.0.1:1', '10.0.0.2:2']));
});

test('what was known stays while DNS does not answer, and a change is told once', async () => {
  let answer: () => string[] = () => ['10.0.0.1'];
  let asked = 0;
  const { heard, look } = follow(async () => {
    asked += 1;
    return answer();
  }, [one]);
  await vi.waitFor(() => expect(heard).toEqual([['10.0.0.1:1']]));
  answer = () => {
    throw unknown;
  };
  look();
  const before = asked;
  await vi.waitFor(() => expect(asked).toBeGreaterThan(before + 3));
  expect(heard).toHaveLength(1);
  answer = () => ['10.0.0.9'];
  await vi.waitFor(() => expect(heard).toEqual([['10.0.0.1:1'], ['10.0.0.9:1']]));
});

test('however often it is asked to look, it waits for its interval', async () => {
  const lookup = vi.fn(async () => ['10.0.0.1']);
  const { heard, look } = follow(lookup, [one], { minIntervalMs: 200 });
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  const beganMs = performance.now();
  for (let ask = 0; ask < 50; ask++) look();
  await vi.waitFor(() => expect(lookup).toHaveBeenCalledTimes(2));
  expect(performance.now() - beganMs).toBeGreaterThan(100);
});

test('who is forgotten tells nothing, and tells all again when asked to look', async () => {
  const { heard, look, forget } = follow(async () => ['10.0.0.1'], [one]);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  look();
  forget();
  look();
  await vi.waitFor(() => expect(heard).toEqual([['10.0.0.1:1'], ['10.0.0.1:1']]));
});
