import { createLogger } from '@credential-renewal/runtime';
import { beforeEach, expect, test } from 'vitest';
import type { Topic } from './cloud-event.ts';
import type { LoggedEvent } from './event-log.ts';
import { sampleEvent } from './sample-event.ts';
import { createSequenceCheck, type SequenceCheck } from './sequence-check.ts';

const dayMs = 24 * 60 * 60 * 1000;
const nowMs = Date.UTC(2026, 5, 1);
let gaps: string[];
let lines: Record<string, unknown>[];
let check: SequenceCheck;

beforeEach(() => {
  gaps = [];
  lines = [];
  check = createSequenceCheck({
    group: 'readers',
    clock: { nowMs: () => nowMs },
    logger: createLogger({
      service: 'test',
      level: 'warn',
      destination: { write: (line) => void lines.push(JSON.parse(line)) },
    }),
    counted: (topic) => gaps.push(topic),
  });
});

function look(
  key: string,
  sequence: number,
  options: { topic?: Topic; ageDays?: number; from?: string; partition?: number } = {},
): void {
  const { topic = 'credential.expired', ageDays = 0, partition = 3 } = options;
  const event = sampleEvent(key, sequence, { topic, nowMs: nowMs - ageDays * dayMs });
  const logged: LoggedEvent = { topic: options.from ?? topic, partition, offset: 0n, event };
  check.look(logged);
}

test('numbers without a gap are in order', () => {
  for (const sequence of [1, 2, 3]) look('a', sequence);
  for (const sequence of [1, 2]) look('b', sequence);
  expect(gaps).toEqual([]);
});

test('a gap is counted and told once, with both numbers', () => {
  for (const sequence of [1, 4, 4, 5]) look('a', sequence);
  expect(gaps).toEqual(['credential.expired']);
  expect(lines).toMatchObject([
    { group: 'readers', topic: 'credential.expired', last: 1, found: 4 },
  ]);
});

test('the first event of a key may be any', () => {
  look('a', 7);
  look('a', 8);
  expect(gaps).toEqual([]);
});

test('a repetition is no gap, and neither is what follows it', () => {
  for (const sequence of [1, 2, 3, 1, 2, 3, 4]) look('a', sequence);
  expect(gaps).toEqual([]);
});

test('what compaction may have taken is not counted', () => {
  const topic = 'credential.state';
  look('a', 1, { topic, ageDays: 8 });
  look('a', 9, { topic, ageDays: 7.5 });
  look('a', 12, { topic });
  expect(gaps).toEqual([]);
});

test('what is younger than the lag of compaction is missed', () => {
  const topic = 'credential.state';
  look('a', 1, { topic, ageDays: 6 });
  look('a', 3, { topic, ageDays: 5 });
  expect(gaps).toEqual([topic]);
});

test('a topic that is not compacted has no excuse', () => {
  look('a', 1, { ageDays: 8 });
  look('a', 3, { ageDays: 8 });
  expect(gaps).toEqual(['credential.expired']);
});

test('another member may have had what lies between', () => {
  look('a', 1);
  look('b', 1, { partition: 4 });
  check.forget('credential.expired', 3);
  look('a', 9);
  look('b', 9, { partition: 4 });
  expect(gaps).toEqual(['credential.expired']);
});

test('a replayed event is out of order by its nature', () => {
  look('a', 2, { from: 'readers.replay' });
  look('a', 9);
  look('a', 5, { from: 'readers.replay' });
  look('a', 10);
  expect(gaps).toEqual([]);
});

test('memory is bounded: the keys that were seen longest ago are forgotten', () => {
  look('first', 1);
  for (let key = 0; key < 2000; key++) look(`key-${key}`, 1);
  look('first', 3);
  look('key-1999', 3);
  expect(gaps).toHaveLength(1);
  expect(lines).toMatchObject([{ key: 'key-1999' }]);
});
