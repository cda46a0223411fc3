import { oneLine } from './one-line.ts';

/** What a failed handing over means; `mail-handover.ts` says how a transport tells. */
export type HandoverFailure =
  /** This mail to this recipient will never work. */
  | { kind: 'refused'; text: string }
  /** The other side asks for patience, whatever the mail. */
  | { kind: 'busy'; retryAfterMs: number }
  | { kind: 'not_handed_over' }
  /** The mail may have gone out all the same. */
  | { kind: 'unknown' };

/** Where a transport that is busy does not say for how long. */
const busyMs = 30_000;
/** Longer is no answer to rely on: it is asked again then. */
const longestBusyMs = 3_600_000;

export function handoverFailure(error: unknown): HandoverFailure {
  const { code, reason, retryAfterMs, handedOver } = error as {
    code?: unknown;
    reason?: unknown;
    retryAfterMs?: unknown;
    handedOver?: unknown;
  };
  if (code === 'MAIL_REFUSED') return { kind: 'refused', text: oneLine(String(reason ?? ''), 500) };
  if (code === 'TRANSPORT_BUSY') {
    const asked = Number(retryAfterMs);
    const usable = Number.isFinite(asked) && asked > 0;
    return { kind: 'busy', retryAfterMs: usable ? Math.min(asked, longestBusyMs) : busyMs };
  }
  return { kind: handedOver === 'no' ? 'not_handed_over' : 'unknown' };
}
