import {
  backoffMs,
  type Clock,
  createPeriodic,
  DomainError,
  type Logger,
} from '@credential-renewal/runtime';
import { EventLogCertificateRefusedError } from '../errors.ts';
import type { ClusterView } from './cluster-view.ts';
import { errorTypeOf, isCertificateRefused, rootOf, toEventLogError } from './kafka-errors.ts';
import { withTimeout } from './with-timeout.ts';

/** Asks the brokers again and again, so that what is wrong is known also while nobody publishes. */
export type BrokerWatch = {
  /** Undefined: the brokers answer, and the topics are as they must be. */
  problem(): string | undefined;
  /** Whether the topics have been found as they must be. */
  isChecked(): boolean;
  stop(): Promise<void>;
};

/** How long a start waits for brokers before it goes on without. */
const startMs = 10_000;
const intervalMs = 2000;
const retry = { baseMs: 500, maxMs: 5000 };

/**
 * Throws what no waiting mends: credentials or a certificate that are refused, topics that are not as they must be. Brokers that cannot
 * be reached are waited for in the background.
 */
export async function startBrokerWatch(options: {
  view: ClusterView;
  /** Throws TopicsUnfitError. Called until it has succeeded once. */
  checkTopics: () => Promise<void>;
  clock: Clock;
  logger: Logger;
  random: () => number;
}): Promise<BrokerWatch> {
  const { view, checkTopics, clock, logger, random } = options;
  let isChecked = false;
  let answeredMs = clock.nowMs();
  let failures = 0;
  let lastProblem: string | undefined;

  async function look(): Promise<void> {
    if (!isChecked) await checkTopics();
    isChecked = true;
    await view.refresh();
  }

  function succeeded(): void {
    if (failures > 0) logger.info({ failures }, 'the brokers answer again');
    failures = 0;
    lastProblem = undefined;
    answeredMs = clock.nowMs();
  }

  function failed(error: DomainError): void {
    failures++;
    const isSilent =
      error.code === unavailable &&
      error.cause !== undefined &&
      errorTypeOf(error.cause) === undefined;
    // A broker that answers with a complaint has answered.
    if (!isSilent) answeredMs = clock.nowMs();
    const problem = isSilent
      ? `no broker has answered since ${new Date(answeredMs).toISOString()}: ${rootOf(error.cause).message}`
      : error.message;
    if (failures === 1)
      logger.error({ err: error }, 'the event log cannot be used; it is tried again');
    lastProblem = problem;
  }

  try {
    await withTimeout(look(), startMs);
  } catch (error) {
    const explained = explain(error);
    if (explained.code !== unavailable) throw explained;
    failed(explained);
  }
  const periodic = createPeriodic({
    name: 'broker watch',
    intervalMs: retry.maxMs,
    logger,
    async run() {
      try {
        await look();
        succeeded();
        return intervalMs;
      } catch (error) {
        failed(explain(error));
        return backoffMs(failures, { ...retry, random });
      }
    },
  });
  return { problem: () => lastProblem, isChecked: () => isChecked, stop: periodic.stop };
}

const unavailable = 'EVENT_LOG_UNAVAILABLE';

function explain(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (isCertificateRefused(error)) {
    return new EventLogCertificateRefusedError(rootOf(error).message, error);
  }
  return toEventLogError(error);
}
