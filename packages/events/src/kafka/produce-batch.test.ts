import { createLogger } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { sampleEvent } from '../sample-event.ts';
import type { KafkaBroker } from './kafka-cluster.ts';
import { BrokerSilentError } from './kafka-errors.ts';
import type { KafkaLink } from './kafka-link.ts';
import { writeMessage } from './kafka-message.ts';
import { createBatchSender } from './produce-batch.ts';

const requestTimeoutMs = 1000;
const logger = createLogger({ service: 'test', level: 'silent' });
const record = (partition: number) => ({
  topic: 'credential.expired',
  message: { ...writeMessage(sampleEvent(`key-${partition}`, 1)), partition },
});

/** Two brokers, of which one leads the even partitions and the other the odd ones. */
function createBrokers() {
  const sent: string[] = [];
  const state = { isSilent: false, answersElsewhere: false, nowMs: 0, refreshes: 0 };
  const broker = (nodeId: string) =>
    ({
      async produce({ topicData }) {
        const partitions = topicData.flatMap((one) =>
          one.partitions.map(({ partition }) => partition),
        );
        sent.push(`${nodeId}: ${partitions.join(' ')}`);
        if (nodeId === '1' && state.isSilent) throw new BrokerSilentError(requestTimeoutMs);
      },
      async metadata() {
        if (nodeId === '1' && state.isSilent) throw new BrokerSilentError(requestTimeoutMs);
        return { topicMetadata: [] };
      },
    }) as Partial<KafkaBroker> as KafkaBroker;
  const send = createBatchSender({
    link: {
      ask: (nodeId, request) => request(broker(nodeId)),
      async giveUp(nodeId) {
        sent.push(`${nodeId}: reset`);
        state.isSilent = false;
      },
    } as Partial<KafkaLink> as KafkaLink,
    view: {
      leaderOf: (_, partition) => (partition === 7 ? undefined : String(partition % 2)),
      async refresh() {
        state.refreshes++;
      },
      coordinatorOf: async () => '0',
      answers: async () => state.answersElsewhere,
    },
    ...{ ackTimeoutMs: 750, requestTimeoutMs, topic: 'credential.state', logger },
    monotonicMs: () => state.nowMs,
  });
  return { send, sent, state };
}

test('each broker gets one request with what it leads, and the outcome is that of each event', async () => {
  const { send, sent, state } = createBrokers();
  expect(await send([record(0), record(1), record(2), record(3)])).toEqual(
    Array(4).fill(undefined),
  );
  expect(sent).toEqual(['0: 0 2', '1: 1 3']);
  state.isSilent = true;
  const failures = await send([record(0), record(1)]);
  expect(failures[0]).toBeUndefined();
  expect(failures[1]).toBeInstanceOf(BrokerSilentError);
  expect(state.refreshes).toBe(1);
});

test('an event whose partition has no leader fails, the others do not', async () => {
  const { send } = createBrokers();
  const failures = await send([record(7), record(0)]);
  expect(failures[0]).toMatchObject({ message: expect.stringContaining('has no leader') });
  expect(failures[1]).toBeUndefined();
});

test('a broker that owes an answer is sent nothing more until it has given one on that connection', async () => {
  const { send, sent, state } = createBrokers();
  state.isSilent = true;
  await send([record(1)]);
  for (let attempt = 0; attempt < 3; attempt++) {
    const [failure] = await send([record(1)]);
    expect(failure).toMatchObject({ message: expect.stringContaining('has not answered') });
  }
  expect(sent).toEqual(['1: 1']);
  // Others are not held up.
  expect(await send([record(0)])).toEqual([undefined]);
  state.isSilent = false;
  expect(await send([record(1)])).toEqual([undefined]);
  expect(sent).toEqual(['1: 1', '0: 0', '1: 1']);
});

test('its connection is reset only when it has answered elsewhere for longer than a request may take', async () => {
  const { send, sent, state } = createBrokers();
  state.isSilent = true;
  await send([record(1)]);
  state.answersElsewhere = true;
  await send([record(1)]);
  state.nowMs = 900;
  await send([record(1)]);
  // Silent everywhere for a moment: it hangs, and the old request may still be read.
  state.answersElsewhere = false;
  await send([record(1)]);
  state.answersElsewhere = true;
  state.nowMs = 1800;
  await send([record(1)]);
  state.nowMs = 2800;
  await send([record(1)]);
  expect(sent).toEqual(['1: 1']);
  state.nowMs = 2801;
  expect(await send([record(1)])).toEqual([undefined]);
  expect(sent).toEqual(['1: 1', '1: reset', '1: 1']);
});
