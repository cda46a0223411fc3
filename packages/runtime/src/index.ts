export { type BackoffOptions, backoffMs } from './backoff.ts';
export { type Clock, createShiftableClock, type ShiftableClock, systemClock } from './clock.ts';
export {
  DomainError,
  type ErrorKind,
  type FieldViolation,
  InputInvalidError,
} from './domain-error.ts';
export {
  createInternalServer,
  type InternalServer,
} from './internal-server.ts';
export { loadKeyFile } from './key-file.ts';
export { openLogDestination } from './log-destination.ts';
export { createLogger, type Logger } from './logger.ts';
export { type EgressSettings, readEgressSettings } from './outgoing/egress-settings.ts';
export { createGuardedFetch, type GuardedFetch } from './outgoing/guarded-fetch.ts';
export { OutgoingRequestError } from './outgoing/outgoing-request-error.ts';
export { createPeriodic, type Periodic } from './periodic.ts';
export { type RunningProcess, runProcess } from './process.ts';
export { degraded, type ReadinessAnswer, type ReadinessCheck } from './readiness.ts';
export { measureReadiness } from './readiness-metrics.ts';
export { runService, type ServiceProcess } from './service-process.ts';
export { ConfigurationInvalidError, readSettings, type Settings } from './settings.ts';
export {
  beginOutgoingSpan,
  beginSpan,
  recordSpans,
  runInOutgoingSpan,
  runInSpan,
  runWithTrace,
  type Span,
} from './span.ts';
export { createTokenBucket, type TokenBucket } from './token-bucket.ts';
export { currentTrace, currentTraceparent, parseTraceparent, type Trace } from './trace.ts';
export { openTracing, readTracingSettings, type TracingSettings } from './tracing/tracing.ts';
export { uuidv7, uuidv7Floor } from './uuidv7.ts';
