import { Tooltip } from '@mantine/core';
import { useNowMs } from './now.ts';
import { absoluteTime, relativeTime } from './relative-time.ts';

/** A time as "3 hours ago"; the absolute one shows on hover and on keyboard focus. */
export function TimeAgo({ time }: { time: string }) {
  const nowMs = useNowMs();
  return (
    <Tooltip label={absoluteTime(time)} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without a focus stop the keyboard could not reach the absolute time */}
      <time dateTime={time} tabIndex={0}>
        {relativeTime(time, nowMs)}
      </time>
    </Tooltip>
  );
}
