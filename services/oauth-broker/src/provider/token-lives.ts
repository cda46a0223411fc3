/** No provider means longer; what says so is a slip of units, or a date where seconds belong. */
const longestSeconds = 10 * 365 * 86_400;

/**
 * A life in seconds as a provider states it, as a number or a text. Nothing usable (no number, none left, less than none) is
 * undefined, so the documented life counts; an absurdly long one ends where nothing lives on.
 */
export function lifeSeconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  const seconds = Math.floor(number);
  return seconds > 0 ? Math.min(seconds, longestSeconds) : undefined;
}

/** The same for a moment, in seconds since 1970 (RFC 7662 `exp`). */
export function lifeUntil(epochSeconds: unknown, nowMs: number): number | undefined {
  return typeof epochSeconds === 'number' ? lifeSeconds(epochSeconds - nowMs / 1000) : undefined;
}
