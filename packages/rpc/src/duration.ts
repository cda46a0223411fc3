import type { Duration } from '@credential-renewal/proto/google/protobuf/duration';

/** A `google.protobuf.Duration` of `ms` milliseconds (finite, may be negative; fractions down to the nanosecond). */
export function durationFromMs(ms: number): Duration {
  if (!Number.isFinite(ms)) throw new RangeError(`A duration of ${ms} ms cannot be sent`);
  const wholeSeconds = Math.trunc(ms / 1000);
  const nanos = Math.round((ms - wholeSeconds * 1000) * 1_000_000);
  // Rounding may fill a second up; the two parts must keep the same sign (google/protobuf/duration.proto).
  return Math.abs(nanos) === 1_000_000_000
    ? { seconds: BigInt(wholeSeconds + Math.sign(nanos)), nanos: 0 }
    : { seconds: BigInt(wholeSeconds), nanos };
}

/** Milliseconds of a `google.protobuf.Duration`; undefined when it is absent. */
export function msFromDuration(duration: Duration): number;
export function msFromDuration(duration: Duration | undefined): number | undefined;
export function msFromDuration(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds) * 1000 + duration.nanos / 1_000_000;
}
