const steps: { unit: Intl.RelativeTimeFormatUnit; ms: number }[] = [
  { unit: 'year', ms: 365 * 86_400_000 },
  { unit: 'month', ms: 30 * 86_400_000 },
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const absolute = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
});

/** "3 hours ago", "in 2 days", rounded down; "just now" within a minute. */
export function relativeTime(atMs: number, nowMs: number): string {
  const distanceMs = atMs - nowMs;
  const step = steps.find(({ ms }) => Math.abs(distanceMs) >= ms);
  if (step === undefined) return distanceMs > 0 ? 'in less than a minute' : 'just now';
  return relative.format(Math.trunc(distanceMs / step.ms), step.unit);
}

/** In the reader's own time zone, which is named. */
export function absoluteTime(time: string): string {
  return absolute.format(new Date(time));
}
