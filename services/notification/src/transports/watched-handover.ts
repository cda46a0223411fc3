import { degraded, type ReadinessCheck } from '@credential-renewal/runtime';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { MailHandover } from './mail-handover.ts';
import {
  MailHandoverFailedError,
  MailRefusedError,
  TransportBusyError,
  TransportRefusedUsError,
} from './transport-errors.ts';

const outcomes = ['accepted', 'refused', 'busy', 'refused_us', 'failed', 'unknown'] as const;
type Outcome = (typeof outcomes)[number];

/** Counts what becomes of each handover, and says so to `/readyz` while the other side refuses us: no retry mends that. */
export function watchHandover(
  handover: MailHandover,
  metrics: Registry,
): { handover: MailHandover; readiness: ReadinessCheck } {
  let refusal: string | undefined;
  const counter = new Counter({
    name: 'notification_handovers_total',
    help: 'Mails handed to a transport, by outcome; unknown: no answer came after the mail had left.',
    labelNames: ['transport', 'outcome'],
    registers: [metrics],
  });
  for (const outcome of outcomes) counter.inc({ transport: handover.name, outcome }, 0);
  new Gauge({
    name: 'notification_transport_refuses_us',
    help: '1 while the transport refuses our key, password, sender or certificate.',
    labelNames: ['transport'],
    registers: [metrics],
    collect() {
      this.set({ transport: handover.name }, refusal === undefined ? 0 : 1);
    },
  });

  function note(outcome: Outcome): void {
    counter.inc({ transport: handover.name, outcome });
    // A mail that is taken, or refused for its own sake, shows that we are not.
    if (outcome === 'accepted' || outcome === 'refused') refusal = undefined;
  }

  return {
    readiness: () => degraded(refusal),
    handover: {
      ...handover,
      async handOver(mail, signal) {
        try {
          await handover.handOver(mail, signal);
        } catch (error) {
          if (error instanceof TransportRefusedUsError) refusal = error.message;
          note(outcomeOf(error));
          throw error;
        }
        note('accepted');
      },
    },
  };
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof MailRefusedError) return 'refused';
  if (error instanceof TransportBusyError) return 'busy';
  if (error instanceof TransportRefusedUsError) return 'refused_us';
  if (error instanceof MailHandoverFailedError && error.handedOver === 'no') return 'failed';
  return 'unknown';
}
