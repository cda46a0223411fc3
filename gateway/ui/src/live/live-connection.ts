import type { LiveEvent } from '@credential-renewal/gateway/http-types';

export type LiveState = 'connecting' | 'open' | 'lost';

type Dependencies = {
  open: () => EventSource;
  onEvent: (event: LiveEvent) => void;
  /** A drill began or ended, or somebody reacted to it. */
  onDrill: () => void;
  /** Events were missed: everything on the page may be old. */
  onMissed: () => void;
  /** The server answered with something else than a stream: perhaps nobody is signed in any more. */
  onRefused: () => void;
  onState: (state: LiveState) => void;
  /** How long a broken stream may take to come back before it is called lost. */
  graceMs?: number;
  reopenMs?: number;
};

/**
 * Keeps one stream of server-sent events open. The browser reconnects by itself after a broken connection and sends
 * `Last-Event-ID`; after a refused one (HTML Living Standard, 9.2.3: anything but a 200 event stream) it gives up for
 * good, so the stream is opened anew here and what was missed is read again. Returns what closes it.
 */
export function keepLive(dependencies: Dependencies): () => void {
  const {
    open,
    onEvent,
    onDrill,
    onMissed,
    onRefused,
    onState,
    graceMs = 3_000,
    reopenMs = 5_000,
  } = dependencies;
  let source: EventSource;
  // At first too: a page reads its lists while the stream is being opened, and what changes in between is in neither.
  let mayHaveMissed = true;
  let lossTimer: ReturnType<typeof setTimeout> | undefined;
  let reopenTimer: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    source = open();
    source.addEventListener('open', opened);
    source.addEventListener('error', broken);
    source.addEventListener('reset', onMissed);
    source.addEventListener('source.drill', onDrill);
    source.addEventListener('source.credential-state', (message) =>
      onEvent(JSON.parse(message.data) as LiveEvent),
    );
  }

  function opened(): void {
    clearTimeout(lossTimer);
    lossTimer = undefined;
    onState('open');
    if (mayHaveMissed) onMissed();
    mayHaveMissed = false;
  }

  function broken(): void {
    lossTimer ??= setTimeout(() => {
      mayHaveMissed = true;
      onState('lost');
    }, graceMs);
    if (source.readyState !== source.CLOSED) return;
    mayHaveMissed = true;
    onRefused();
    clearTimeout(reopenTimer);
    reopenTimer = setTimeout(connect, reopenMs);
  }

  connect();
  return () => {
    clearTimeout(lossTimer);
    clearTimeout(reopenTimer);
    source.close();
  };
}
