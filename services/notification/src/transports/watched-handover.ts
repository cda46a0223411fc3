import { degraded, type ReadinessCheck } from '@credential-renewal/runtime';
import { Gauge, type Registry } from 'prom-client';
import type { MailHandover } from './mail-handover.ts';
import { MailRefusedError, TransportRefusedUsError } from './transport-errors.ts';

/** Says to `/readyz` and the metrics while the other side refuses us: no retry mends that, an operator does. */
export function watchHandover(
  handover: MailHandover,
  metrics: Registry,
): { handover: MailHandover; readiness: ReadinessCheck } {
  let refusal: string | undefined;
  new Gauge({
    name: 'notification_transport_refuses_us',
    help: '1 while the transport refuses our key, password, sender or certificate.',
    labelNames: ['transport'],
    registers: [metrics],
    collect() {
      this.set({ transport: handover.name }, refusal === undefined ? 0 : 1);
    },
  });
  return {
    readiness: () => degraded(refusal),
    handover: {
      ...handover,
      async handOver(mail, signal, onOut) {
        try {
          await handover.handOver(mail, signal, onOut);
          refusal = undefined;
        } catch (error) {
          if (error instanceof TransportRefusedUsError) refusal = error.message;
          // Who refuses a mail for its own sake takes mails from us.
          if (error instanceof MailRefusedError) refusal = undefined;
          throw error;
        }
      },
    },
  };
}
