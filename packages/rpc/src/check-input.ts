import type { Duration } from '@credential-renewal/proto/google/protobuf/duration';
import { type FieldViolation, InputInvalidError } from '@credential-renewal/runtime';
import { msFromDuration } from './duration.ts';

/** Rules for one request. `field` is the proto name in snake_case, dotted for nested messages (`state.version`). */
export type InputCheck = {
  /** 1 to 64 characters out of letters, digits, `_` and `-`. */
  id(field: string, value: string): void;
  /** The same, if it is there at all. */
  optionalId(field: string, value: string | undefined): void;
  ids(field: string, values: readonly string[], limits?: { maxCount?: number }): void;
  /** Well-formed text without control characters; `minLength` is 1 unless given. Lengths are UTF-16 units. */
  text(field: string, value: string, limits: { maxLength: number; minLength?: number }): void;
  optionalText(
    field: string,
    value: string | undefined,
    limits: { maxLength: number; minLength?: number },
  ): void;
  /** Present and from `minMs` (0 unless given) to `maxMs` (366 days unless given). */
  duration(
    field: string,
    value: Duration | undefined,
    limits?: { minMs?: number; maxMs?: number },
  ): void;
  optionalDuration(
    field: string,
    value: Duration | undefined,
    limits?: { minMs?: number; maxMs?: number },
  ): void;
  /** A whole number from `min` to `max`. */
  integer(field: string, value: number | bigint, limits: { min: number; max: number }): void;
  /** 0 (the server's choice) to 200. */
  pageSize(field: string, value: number): void;
  /** Empty (the first page) or what an earlier answer gave. */
  pageToken(field: string, value: string): void;
  /** One of the choices is set. */
  oneof(field: string, value: { $case: string } | undefined): void;
  /** A message or timestamp that must be there. */
  present(field: string, value: unknown): void;
  /** One of the values of the generated enum, and not its `UNSPECIFIED` (0). */
  enumValue(field: string, value: number, values: Readonly<Record<string, number>>): void;
  /** Any other rule: a violation with `description` unless `holds`. */
  that(field: string, holds: boolean, description: string): void;
};

const maxPageSize = 200;
const longestMs = 366 * 24 * 60 * 60 * 1000;

/**
 * Runs the rules over a request and throws one `InputInvalidError` that names every wrong field, never its value:
 * `checkInput((check) => { check.id('source_id', request.sourceId); ... })`.
 */
export function checkInput(rules: (check: InputCheck) => void): void {
  const violations: FieldViolation[] = [];
  rules(createCheck(violations));
  if (violations.length > 0) throw new InputInvalidError(violations);
}

function createCheck(violations: FieldViolation[]): InputCheck {
  const that: InputCheck['that'] = (field, holds, description) => {
    if (!holds) violations.push({ field, description });
  };
  const check: InputCheck = {
    id: (field, value) =>
      that(
        field,
        /^[A-Za-z0-9_-]{1,64}$/.test(value),
        'must be an id: 1 to 64 letters, digits, "_" or "-"',
      ),
    optionalId(field, value) {
      if (value !== undefined) check.id(field, value);
    },
    ids(field, values, { maxCount = maxPageSize } = {}) {
      that(field, values.length <= maxCount, `must have at most ${maxCount} entries`);
      values.slice(0, maxCount).forEach((value, index) => {
        check.id(`${field}[${index}]`, value);
      });
    },
    text(field, value, { maxLength, minLength = 1 }) {
      that(
        field,
        value.length >= minLength && value.length <= maxLength,
        `must have ${minLength} to ${maxLength} characters`,
      );
      that(
        field,
        value.isWellFormed() && !/\p{Cc}/u.test(value),
        'must not contain control characters',
      );
    },
    optionalText(field, value, limits) {
      if (value !== undefined) check.text(field, value, limits);
    },
    duration(field, value, { minMs = 0, maxMs = longestMs } = {}) {
      const ms = msFromDuration(value);
      that(
        field,
        ms !== undefined && ms >= minMs && ms <= maxMs,
        `must be a duration from ${minMs / 1000} s to ${maxMs / 1000} s`,
      );
    },
    optionalDuration(field, value, limits) {
      if (value !== undefined) check.duration(field, value, limits);
    },
    integer: (field, value, { min, max }) =>
      that(
        field,
        (typeof value === 'bigint' || Number.isInteger(value)) && value >= min && value <= max,
        `must be a whole number from ${min} to ${max}`,
      ),
    pageSize: (field, value) => check.integer(field, value, { min: 0, max: maxPageSize }),
    pageToken: (field, value) =>
      that(field, /^[\x21-\x7e]{0,512}$/.test(value), 'must be a page token of an earlier answer'),
    oneof: (field, value) => that(field, value !== undefined, 'one of its choices must be set'),
    present: (field, value) => that(field, value !== undefined && value !== null, 'must be set'),
    enumValue: (field, value, values) =>
      that(
        field,
        value !== 0 && Object.values(values).includes(value),
        `must be one of ${Object.keys(values)
          .filter((name) => values[name] !== 0)
          .join(', ')}`,
      ),
    that,
  };
  return check;
}
