import { createLogger } from '@credential-renewal/runtime';
import { logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { createKafkaLogCreator } from './kafka-logger.ts';

test('lines of kafkajs are ours, without what a broker answered and without stacks', () => {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    service: 'test',
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  let nowMs = 0;
  const write = createKafkaLogCreator(logger, () => nowMs)(logLevel.DEBUG);
  const entry = (level: logLevel, more: object = {}) => ({
    ...{ namespace: 'Connection', level, label: 'x' },
    log: { timestamp: 'then', message: 'hello', ...more },
  });
  write(entry(logLevel.ERROR, { broker: 'b:1', error: 'refused', stack: 's', payload: 'secret' }));
  write(entry(logLevel.WARN, { message: 'beware' }));
  write(entry(logLevel.ERROR, { message: 'Response Heartbeat(key: 12, version: 3)' }));
  write(entry(logLevel.INFO, { data: { authBytes: 'secret' } }));
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    [40, 'hello'],
    [40, 'beware'],
    [20, 'Response Heartbeat(key: 12, version: 3)'],
    [20, 'hello'],
  ]);
  expect(lines[0]).toMatchObject({ kafkajs: 'Connection', broker: 'b:1', error: 'refused' });
  expect(JSON.stringify(lines)).not.toContain('secret');
  expect(lines[0]).not.toHaveProperty('stack');

  // The next attempts say the same.
  lines.length = 0;
  write(entry(logLevel.ERROR));
  nowMs = 60_000;
  write(entry(logLevel.ERROR));
  expect(lines.map(({ level }) => level)).toEqual([20, 40]);
});
