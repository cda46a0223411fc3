import { DomainError } from '@credential-renewal/runtime';
import type { MailHandover } from './mail-handover.ts';

type Transport = MailHandover['name'];

/** Whether the other side may have the mail all the same. */
export type HandedOver = 'no' | 'unknown';

/** This mail to this recipient will never work. `reason` is for an administrator and names no address. */
export class MailRefusedError extends DomainError {
  readonly handedOver: HandedOver = 'no';
  readonly reason: string;
  constructor(transport: Transport, reason: string) {
    super('failed_precondition', 'MAIL_REFUSED', `${transport} refuses this mail: ${reason}`);
    this.reason = reason;
  }
}

/** The other side asks for patience, for all mails: `retryAfterMs` says how much. */
export class TransportBusyError extends DomainError {
  readonly handedOver: HandedOver = 'no';
  constructor(transport: Transport, reason: string, retryAfterMs: number) {
    super('resource_exhausted', 'TRANSPORT_BUSY', `${transport} asks to wait: ${reason}`, {
      retryAfterMs,
    });
  }
}

/** We are refused, not the mail: a key, a password, a sender or a certificate that only an operator can mend. Tried again, with patience. */
export class TransportRefusedUsError extends DomainError {
  readonly handedOver: HandedOver = 'no';
  constructor(transport: Transport, reason: string) {
    super('failed_precondition', 'TRANSPORT_REFUSED_US', `${transport} refuses us: ${reason}`);
  }
}

/** Nobody knows. With `unknown` the mail may have gone out all the same. */
export class MailHandoverFailedError extends DomainError {
  readonly handedOver: HandedOver;
  constructor(transport: Transport, reason: string, handedOver: HandedOver) {
    super(
      'unavailable',
      'MAIL_HANDOVER_FAILED',
      `${transport} did not take the mail${handedOver === 'unknown' ? ', as far as we know' : ''}: ${reason}`,
    );
    this.handedOver = handedOver;
  }
}
