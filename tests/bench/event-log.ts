import {
  type CloudEvent,
  createOutboxRelay,
  type EventLog,
  type Outbox,
} from '@credential-renewal/events';
import { createLogger, systemClock } from '@credential-renewal/runtime';
import { makeEvent } from '../faults/kafka-load.ts';
import { createTopics, kafkaEnv, openLog } from '../faults/kafka-world.ts';
import { type KafkaServer, startKafka } from '../servers/kafka-server.ts';
import type { Figure, Measured } from './figure.ts';
import { type MeasuredLog, openRawKafkajs } from './raw-kafkajs.ts';
import { median, percentile } from './statistics.ts';

const topic = 'credential.state';
const rounds = 3;
/** One after another, so that a latency is that of one event and not of a queue. */
const events = 400;
const pauseMs = 3;
const burst = 20_000;

/**
 * An event's way from an outbox to the acknowledgement of the broker, and on to a handler of a consumer group; and how many get through. Beside
 * them kafkajs' own producer and consumer, on the same broker, in turn; each consumer also reads what the other writes.
 */
export async function measureEventLog(): Promise<Measured> {
  let kafka: KafkaServer;
  try {
    kafka = await startKafka();
  } catch (error) {
    return { lines: [error instanceof Error ? error.message : String(error)], figures: [] };
  }
  const env = kafkaEnv(kafka, { KAFKA_REQUEST_TIMEOUT_MS: '10000' });
  await createTopics(env, 1);
  const logs = [await openOurs(env), await openRawKafkajs(kafka.brokers, topic)] as const;
  try {
    const [ours, raw] = [emptyFigures(), emptyFigures()];
    for (const log of logs) await measureLatency(log, emptyFigures());
    for (let round = 0; round < rounds; round++) {
      for (const [log, figures] of [[logs[0], ours] as const, [logs[1], raw] as const]) {
        await measureLatency(log, figures);
        figures.perSecond.push(await measureThroughput(log));
      }
    }
    return {
      lines: [
        ...describe('relay', ours, raw, 'relayMs'),
        ...describe('end to end', ours, raw, 'endToEndMs'),
        throughputLine(ours, raw),
      ],
      figures: [
        ...ratiosOf('relay', ours.relayMs, raw.relayMs),
        ...ratiosOf('end-to-end', ours.endToEndMs, raw.endToEndMs),
        {
          name: 'event-throughput-vs-kafkajs',
          value: median(ours.perSecond) / median(raw.perSecond),
          unit: 'x',
        },
      ],
    };
  } finally {
    for (const log of logs) await log.close();
    await kafka.stop();
  }
}

type Figures = { relayMs: number[]; endToEndMs: number[]; perSecond: number[] };
const emptyFigures = (): Figures => ({ relayMs: [], endToEndMs: [], perSecond: [] });

async function measureLatency(log: MeasuredLog, figures: Figures): Promise<void> {
  for (let index = 0; index < events; index++) {
    const event = makeEvent(`credential-${index % 64}`, index + 1);
    const startedMs = performance.now();
    const handled = log.handled(event.id);
    await log.write([event]);
    figures.relayMs.push(performance.now() - startedMs);
    figures.endToEndMs.push((await handled) - startedMs);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Events per second, from the first write until the last is handled. */
async function measureThroughput(log: MeasuredLog): Promise<number> {
  const all = Array.from({ length: burst }, (_, index) => makeEvent(`credential-${index % 64}`, 1));
  const startedMs = performance.now();
  const handled = Promise.all(all.map(({ id }) => log.handled(id)));
  await log.write(all);
  await handled;
  return burst / ((performance.now() - startedMs) / 1000);
}

/** The event log behind an outbox and its relay, as a service has it; the outbox is in memory, so that only the log is measured. */
async function openOurs(env: Record<string, string>): Promise<MeasuredLog> {
  const log: EventLog = await openLog(env);
  const waiting = new Map<string, () => void>();
  const pending: CloudEvent[] = [];
  const outbox: Outbox = {
    pending: async (limit) =>
      pending.slice(0, limit).map((event) => ({ position: event.id, event })),
    async remove(positions) {
      pending.splice(0, positions.length);
      for (const position of positions) waiting.get(position)?.();
    },
    backlog: async () => ({ count: pending.length, oldestAgeMs: 0 }),
  };
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const relay = createOutboxRelay({ outbox, eventLog: log, logger, clock: systemClock });
  const handlers = new Map<string, (atMs: number) => void>();
  await log.subscribe({
    group: 'notification',
    topics: [topic],
    async handle({ event }) {
      handlers.get(event.id)?.(performance.now());
      handlers.delete(event.id);
    },
  });
  return {
    async write(written) {
      const relayed = written.map(
        ({ id }) => new Promise<void>((resolve) => void waiting.set(id, resolve)),
      );
      pending.push(...written);
      relay.wake();
      await Promise.all(relayed);
      for (const { id } of written) waiting.delete(id);
    },
    handled: (id) => new Promise((resolve) => void handlers.set(id, resolve)),
    async close() {
      await relay.stop();
      await log.close();
    },
  };
}

function describe(name: string, ours: Figures, raw: Figures, of: 'relayMs' | 'endToEndMs') {
  return [0.5, 0.99].map((share) => {
    const [our, their] = [percentile(ours[of], share), percentile(raw[of], share)];
    const ratio = (our / their).toFixed(2);
    return `${name} p${share * 100}: ${our.toFixed(1)} ms, ${ratio} of kafkajs (${their.toFixed(1)} ms)`;
  });
}

function ratiosOf(name: string, ours: readonly number[], raw: readonly number[]): Figure[] {
  return [0.5, 0.99].map((share) => ({
    name: `${name}-p${share * 100}-vs-kafkajs`,
    value: percentile(ours, share) / percentile(raw, share),
    unit: 'x',
  }));
}

function throughputLine(ours: Figures, raw: Figures): string {
  const [our, their] = [median(ours.perSecond), median(raw.perSecond)];
  const ratios = ours.perSecond.map((rate, index) =>
    (rate / (raw.perSecond[index] ?? 1)).toFixed(2),
  );
  return `throughput: ${Math.round(our)} events per second, ${(our / their).toFixed(2)} of kafkajs (runs ${ratios.join(', ')})`;
}
