import { beginSpan, DomainError, type Logger } from '@credential-renewal/runtime';
import { type handleUnaryCall, status } from '@grpc/grpc-js';
import type { CallGuard } from './call-guard.ts';
import { logCall } from './call-log.ts';
import type { RpcCaller } from './callers.ts';
import type { RpcMetrics } from './rpc-metrics.ts';
import type { RpcContext, RpcDefinition, RpcHandlers } from './rpc-types.ts';
import { statusFromError } from './status-mapping.ts';

type Method = RpcDefinition[string];
type Handler = RpcHandlers<RpcDefinition>[string];

/** What arrived: grpc-js would answer bytes that do not parse with INTERNAL, but they are the caller's mistake. */
export type IncomingRequest = { message: unknown } | { malformed: true };

export function readRequest(method: Method, bytes: Buffer): IncomingRequest {
  try {
    return { message: method.requestDeserialize(bytes) };
  } catch {
    return { malformed: true };
  }
}

/**
 * Answers one unary RPC: in the caller's trace, within the caller's deadline and never longer than `callLimitMs`, with a
 * status that carries the thrown `DomainError`. The handler's promise is in `running` until it settles, also
 * when the caller has gone: a drain waits for work, not for answers.
 */
export function createUnaryCall(options: {
  rpc: string;
  method: Method;
  handler: Handler;
  callLimitMs: number;
  logger: Logger;
  metrics: RpcMetrics;
  /** Absent: calls carry no certificates. */
  guard: CallGuard | undefined;
  running: Set<Promise<unknown>>;
}): handleUnaryCall<IncomingRequest, Buffer> {
  const { rpc, method, handler, logger, metrics, guard, running } = options;
  return (call, respond) => {
    const startedMs = performance.now();
    const [traceparent] = call.metadata.get('traceparent');
    const ending = new AbortController();
    const callerLimitMs = Number(call.getDeadline()) - Date.now();
    const timer = setTimeout(
      () => ending.abort(deadlineError(rpc)),
      Math.max(0, Math.min(options.callLimitMs, callerLimitMs)),
    );
    call.on('cancelled', () => ending.abort(callerGone));
    const span = beginSpan(
      { name: rpc, kind: 'server', attributes: { 'rpc.system.name': 'grpc', 'rpc.method': rpc } },
      { traceparent: traceparent?.toString() },
    );
    let caller: RpcCaller | undefined;
    const ended = (code: status, error?: unknown) => {
      metrics.ended(rpc, code, performance.now() - startedMs);
      span.set({ 'rpc.response.status_code': status[code] });
      span.end(error);
      logCall(logger, { rpc, startedMs, status: code, error, caller });
    };
    metrics.began();

    span.run(async () => {
      const work = (async () => {
        caller = guard?.(call.getAuthContext().sslPeerCertificate?.subjectaltname);
        return answer(method, handler, call.request, { signal: ending.signal, caller });
      })();
      running.add(work);
      work.then(
        () => running.delete(work),
        () => running.delete(work),
      );
      try {
        const bytes = await unlessAborted(ending.signal, work);
        respond(null, bytes);
        ended(status.OK);
      } catch (error) {
        if (error === callerGone) {
          ended(status.CANCELLED);
          return;
        }
        const sent = statusFromError(error);
        respond(sent);
        ended(sent.code, error);
      } finally {
        clearTimeout(timer);
      }
    });
  };
}

async function answer(
  method: Method,
  handler: Handler,
  request: IncomingRequest,
  context: RpcContext,
): Promise<Buffer> {
  if ('malformed' in request) {
    throw new DomainError(
      'invalid_argument',
      'REQUEST_MALFORMED',
      'The request is no message of the expected type',
    );
  }
  return method.responseSerialize(await handler(request.message as never, context));
}

const callerGone = new Error('The caller has gone');

function deadlineError(rpc: string): DomainError {
  return new DomainError('deadline_exceeded', 'DEADLINE_EXCEEDED', `${rpc} was not done in time`);
}

function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
