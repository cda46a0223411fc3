import { backoffMs, type Logger } from '@credential-renewal/runtime';
import { pause } from '../pause.ts';
import { rootOf } from './kafka-errors.ts';
import type { PartitionLane } from './partition-lane.ts';

/**
 * Lanes that are to be fetched alone: of several that were fetched together, one cannot be read, and the failure does not say which. One that
 * cannot be read alone either waits longer and longer, and stays where it is; the others go on.
 */
export type SuspectLanes = {
  has(lane: PartitionLane): boolean;
  /** False while it waits. */
  mayBeFetched(lane: PartitionLane): boolean;
  suspect(lane: PartitionLane): void;
  /** What was fetched could not be read. */
  accuse(fetched: readonly PartitionLane[], error: unknown): void;
  clear(lane: PartitionLane): void;
  problem(): string | undefined;
};

const retry = { baseMs: 100, maxMs: 5000 };
const failuresBeforeProblem = 3;

type Suspicion = { failures: number; isWaiting: boolean; problem?: string };

export function createSuspectLanes(options: {
  /** One may be fetched again. */
  wake: () => void;
  signal: AbortSignal;
  logger: Logger;
  random: () => number;
}): SuspectLanes {
  const { wake, signal, logger, random } = options;
  const suspicions = new Map<PartitionLane, Suspicion>();

  function suspect(lane: PartitionLane): void {
    if (!suspicions.has(lane)) suspicions.set(lane, { failures: 0, isWaiting: false });
  }

  async function convict(lane: PartitionLane, error: unknown): Promise<void> {
    const { topic, partition } = lane;
    const failures = (suspicions.get(lane)?.failures ?? 0) + 1;
    const problem = `partition ${partition} of ${topic} cannot be read: ${rootOf(error).message}`;
    const suspicion: Suspicion = { failures, isWaiting: true, problem };
    suspicions.set(lane, suspicion);
    if (failures === failuresBeforeProblem) {
      const place = { topic, partition, offset: String(lane.next()) };
      logger.error({ err: error, ...place }, 'a partition cannot be read; it waits');
    }
    await pause(backoffMs(failures, { ...retry, random }), signal);
    suspicion.isWaiting = false;
    wake();
  }

  return {
    has: (lane) => suspicions.has(lane),
    mayBeFetched: (lane) => suspicions.get(lane)?.isWaiting !== true,
    suspect,
    accuse(fetched, error) {
      const [lane] = fetched;
      if (fetched.length === 1 && lane) void convict(lane, error);
      else for (const one of fetched) suspect(one);
    },
    clear: (lane) => void suspicions.delete(lane),
    problem: () =>
      [...suspicions.values()].find(({ failures }) => failures >= failuresBeforeProblem)?.problem,
  };
}
