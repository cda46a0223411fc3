import type { Logger } from '@credential-renewal/runtime';
import { type logCreator, logLevel } from 'kafkajs';

/** Of what kafkajs adds to a line, the fields that are known to hold no answer of a broker and no stack. */
const fields = ['broker', 'clientId', 'error', 'correlationId'] as const;

/**
 * The log of kafkajs as ours. Its errors are single attempts, which we repeat and tell of ourselves when it matters, so they are warnings here.
 * That a broker answered with an error code is for whoever asked, and told by them: while a coordinator moves, it is a line each second.
 */
export function createKafkaLogCreator(logger: Logger): logCreator {
  return () =>
    ({ namespace, level, log }) => {
      const line = {
        kafkajs: namespace,
        ...Object.fromEntries(
          fields.filter((name) => name in log).map((name) => [name, log[name]]),
        ),
      };
      const isFailure = level === logLevel.ERROR || level === logLevel.WARN;
      if (isFailure && !log.message.startsWith('Response ')) logger.warn(line, log.message);
      else logger.debug(line, log.message);
    };
}
