import type { Logger } from '@credential-renewal/runtime';
import { type logCreator, logLevel } from 'kafkajs';

/** Of what kafkajs adds to a line, the fields that are known to hold no answer of a broker and no stack. */
const fields = ['broker', 'clientId', 'error', 'correlationId'] as const;
/** A broker that is away is told once in this time, and not with each attempt of each connection. */
const repeatedAfterMs = 60_000;
const rememberedMessages = 200;

/**
 * The log of kafkajs as ours. Its errors are single attempts, which we repeat and tell of ourselves when it matters, so they are warnings here.
 * That a broker answered with an error code is for whoever asked, and told by them: while a coordinator moves, it is a line each second.
 */
export function createKafkaLogCreator(
  logger: Logger,
  monotonicMs: () => number = () => performance.now(),
): logCreator {
  const toldMs = new Map<string, number>();

  function isNews(message: string): boolean {
    const nowMs = monotonicMs();
    const lastMs = toldMs.get(message);
    if (lastMs !== undefined && nowMs - lastMs < repeatedAfterMs) return false;
    if (toldMs.size >= rememberedMessages) toldMs.clear();
    toldMs.set(message, nowMs);
    return true;
  }

  return () =>
    ({ namespace, level, log }) => {
      const line = {
        kafkajs: namespace,
        ...Object.fromEntries(
          fields.filter((name) => name in log).map((name) => [name, log[name]]),
        ),
      };
      const { message } = log;
      const isFailure = level === logLevel.ERROR || level === logLevel.WARN;
      const isToTell = isFailure && !message.startsWith('Response ') && isNews(message);
      if (isToTell) logger.warn(line, message);
      else logger.debug(line, message);
    };
}
