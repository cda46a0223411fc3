import { DomainError, type Logger } from '@credential-renewal/runtime';
import { status } from '@grpc/grpc-js';
import { CallerNotAllowedError, type RpcCaller } from './callers.ts';

export type FinishedCall = {
  /** `package.Service/Method`. */
  rpc: string;
  /** Of `performance.now()`. */
  startedMs: number;
  status: status;
  error?: unknown;
  /** Of the certificate, where there is one. */
  caller?: RpcCaller | undefined;
};

/**
 * One line per call: debug when it went well, info for refusals that are part of the contract, warn when something is
 * slow or away, error with the stack for what nobody expected. Of a refusal only the code and the wrong fields are
 * told; its text may repeat what a person typed.
 */
export function logCall(logger: Logger, call: FinishedCall): void {
  if (call.status === status.OK && !logger.isLevelEnabled('debug')) return;
  const line = {
    rpc: call.rpc,
    status: status[call.status],
    duration_ms: Math.round((performance.now() - call.startedMs) * 10) / 10,
    ...(call.caller && { caller: call.caller.caller }),
    ...refusal(call.error),
  };
  switch (call.status) {
    case status.OK:
      logger.debug(line, 'call answered');
      break;
    case status.INTERNAL:
      logger.error({ ...line, err: call.error }, 'call failed');
      break;
    case status.UNAVAILABLE:
    case status.DEADLINE_EXCEEDED:
    case status.RESOURCE_EXHAUSTED:
      logger.warn({ ...line, err: call.error }, 'call failed');
      break;
    default:
      if (call.error instanceof CallerNotAllowedError) {
        // Somebody's settings are wrong, or somebody tries what others may do.
        logger.warn({ ...line, ...call.error.metadata }, 'caller not allowed');
        break;
      }
      logger.info(line, call.error === undefined ? 'caller has gone' : 'call refused');
  }
}

function refusal(error: unknown): { error_code?: string; fields?: string[] } {
  if (!(error instanceof DomainError)) return {};
  if (error.violations.length === 0) return { error_code: error.code };
  return { error_code: error.code, fields: error.violations.map(({ field }) => field) };
}
