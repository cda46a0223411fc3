import { expect, vi } from 'vitest';
import type { Mail } from '../sending/mail.ts';
import type { MailHandover } from '../transports/mail-handover.ts';

/** What a handing over ends in, as a transport tells it. */
export const refused = Object.assign(new Error('refused'), {
  ...{ code: 'MAIL_REFUSED', reason: '550 no such user', handedOver: 'no' },
});
export const busy = (retryAfterMs: number) =>
  Object.assign(new Error('busy'), { code: 'TRANSPORT_BUSY', retryAfterMs, handedOver: 'no' });
export const unreachable = Object.assign(new Error('connect ECONNREFUSED'), { handedOver: 'no' });
export const unanswered = Object.assign(new Error('reset after the body'), {
  handedOver: 'unknown',
});

/** A machine that takes mails and keeps them, unless `meet` does something else first. */
export function createFakeHandover(
  options: { reports?: boolean; meet?: (mail: Mail) => Promise<void> | void } = {},
) {
  const tried: Mail[] = [];
  const taken: Mail[] = [];
  const handover: MailHandover = {
    name: options.reports ? 'sendgrid' : 'smtp',
    reports: options.reports ?? false,
    async handOver(mail) {
      tried.push(mail);
      await options.meet?.(mail);
      taken.push(mail);
    },
    close: () => undefined,
  };
  return {
    handover,
    taken,
    tries: () => tried,
    kinds: () => taken.map(({ kind }) => kind),
    untilTaken: (count: number) =>
      vi.waitFor(() => expect(taken.length).toBeGreaterThanOrEqual(count), { timeout: 10_000 }),
  };
}
