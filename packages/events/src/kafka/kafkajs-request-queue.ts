import { createRequire } from 'node:module';

type RequestQueue = { pending: unknown[]; scheduleCheckPendingRequests(): void };

let isMended = false;

/**
 * Keeps kafkajs 2.2.4 from looking every millisecond, on every connection, for requests that wait: without one it plans the next look
 * for a negative time, so Node 24 warns (TimeoutNegativeWarning) and an idle process with 8 connections spends 5 % of a core instead
 * of 1 %. No release has a fix: https://github.com/tulios/kafkajs/issues/1704, https://github.com/tulios/kafkajs/issues/1751.
 */
export function mendRequestQueue(): void {
  if (isMended) return;
  isMended = true;
  const load = createRequire(import.meta.url);
  const { prototype } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    // `push`, which adds to them, plans a look itself.
    if (this.pending.length > 0) schedule.call(this);
  };
}
