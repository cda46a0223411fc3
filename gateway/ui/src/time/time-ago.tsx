import { Tooltip } from '@mantine/core';
import { useNowMs } from './now.ts';
import { absoluteTime, relativeTime } from './relative-time.ts';

/**
 * When something happened, as "3 hours ago". The server's clock may be ahead of this machine's, and the page's own "now" is up
 * to 20 s old: what happened is never told as yet to come.
 */
export function TimeAgo({ time }: { time: string }) {
  const nowMs = useNowMs();
  return <Time time={time} words={relativeTime(Math.min(Date.parse(time), nowMs), nowMs)} />;
}

/** When something will happen, as "in 2 days". */
export function TimeUntil({ time }: { time: string }) {
  const nowMs = useNowMs();
  return <Time time={time} words={relativeTime(Date.parse(time), nowMs)} />;
}

/** The absolute time shows on hover and on keyboard focus. */
function Time({ time, words }: { time: string; words: string }) {
  return (
    <Tooltip label={absoluteTime(time)} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without a focus stop the keyboard could not reach the absolute time */}
      <time dateTime={time} tabIndex={0}>
        {words}
      </time>
    </Tooltip>
  );
}
