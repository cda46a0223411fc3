import type { Drill, DrillEnd } from '@credential-renewal/gateway/http-types';

/** How long somebody took, rounded down: "40 seconds", "1 minute", "3 hours". */
export function durationWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return counted(seconds, 'second');
  if (seconds < 3_600) return counted(Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return counted(Math.floor(seconds / 3_600), 'hour');
  return counted(Math.floor(seconds / 86_400), 'day');
}

export function endWords(end: DrillEnd): string {
  switch (end) {
    case 'all_reacted':
      return 'Over: everybody has reacted';
    case 'stopped':
      return 'Ended by an administrator';
    case 'time_over':
      return 'Over: its time was up';
    case 'real_expiry':
      return 'Broken off: the credentials expired for real';
    case 'disconnected':
      return 'Broken off: the source was disconnected';
    default:
      return end satisfies never;
  }
}

/** "1 of 2 reacted". */
export function reactedWords({ recipients }: Pick<Drill, 'recipients'>): string {
  const reacted = recipients.filter(({ reactedAt }) => reactedAt !== null).length;
  return `${reacted} of ${recipients.length} reacted`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
