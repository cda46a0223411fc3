/** A recipient's running window: the notifications that went out at once, at most two, by episode. */
export type DeliveryWindow = { startMs: number; atOnce: readonly string[] };

const atOnceLimit = 2;

/**
 * When a notification goes out (semantics 24). The first and the second of a recipient within `windowMs` go at once;
 * from the third on they wait, and one digest goes when the window, counted from the first, ends.
 *
 * Asking again for the same episode takes no second place, so a crash after this step costs nothing. A window that
 * begins in the future (the clock was set back) is over.
 */
export function admitToWindow(
  window: DeliveryWindow | undefined,
  { episodeId, nowMs, windowMs }: { episodeId: string; nowMs: number; windowMs: number },
): { window: DeliveryWindow; dueAtMs: number; inDigest: boolean } {
  if (window?.atOnce.includes(episodeId)) return { window, dueAtMs: nowMs, inDigest: false };

  const running = window && nowMs >= window.startMs && nowMs < window.startMs + windowMs;
  if (!running) {
    return {
      window: { startMs: nowMs, atOnce: [episodeId] },
      dueAtMs: nowMs,
      inDigest: false,
    };
  }
  if (window.atOnce.length < atOnceLimit) {
    return {
      window: { ...window, atOnce: [...window.atOnce, episodeId] },
      dueAtMs: nowMs,
      inDigest: false,
    };
  }
  return { window, dueAtMs: window.startMs + windowMs, inDigest: true };
}
