import { providerText } from './provider-text.ts';
import type { SendGridAnswer } from './sendgrid-client.ts';
import {
  MailHandoverFailedError,
  MailRefusedError,
  TransportBusyError,
  TransportRefusedUsError,
} from './transport-errors.ts';

const defaultWaitMs = 60_000;
/** `X-RateLimit-Reset` is a time of their clock; ours may differ. */
const waitBoundsMs = { least: 1_000, most: 3_600_000 };

/** One complaint of a 400 answer; `field` is a path such as `personalizations.0.to.0.email`. */
type Complaint = { message: string; field: string };

/** What an answer of `POST /v3/mail/send` means: undefined where the mail is accepted, else the error. */
export function readAnswer(answer: SendGridAnswer, nowMs: number): Error | undefined {
  const { status } = answer;
  const complaints = readComplaints(answer.body);
  const reason = [`it answered ${status}`, ...complaints.map(describe)].join('; ');
  if (status === 202) return undefined;
  if (status === 429) return new TransportBusyError('sendgrid', reason, waitMs(answer, nowMs));
  if (status === 503 && answer.headers.has('retry-after'))
    return new TransportBusyError('sendgrid', reason, waitMs(answer, nowMs));
  if (status === 400) {
    return complaints.some(({ field }) => isOfThisMail(field))
      ? new MailRefusedError('sendgrid', reason)
      : new TransportRefusedUsError('sendgrid', reason);
  }
  if (status === 413) return new MailRefusedError('sendgrid', reason);
  // An answer of another kind than the API gives: a redirect, a wrong path, a page of something in between.
  if (status >= 300 && status < 500 && status !== 408)
    return new TransportRefusedUsError('sendgrid', reason);
  // 502 and 504 speak of a server behind them that gave no answer, and 2xx of nothing that the API documents.
  const unknown = status < 300 || status === 502 || status === 504;
  return new MailHandoverFailedError('sendgrid', reason, unknown ? 'unknown' : 'no');
}

/** Its recipient or its words. A complaint about anything else (sender, headers, settings) meets every mail, and none is given up for it. */
function isOfThisMail(field: string): boolean {
  return /^(personalizations\.\d+\.(to|subject)|subject|content)\b/.test(field);
}

function describe({ message, field }: Complaint): string {
  return field === '' ? providerText(message) : `${providerText(field)}: ${providerText(message)}`;
}

function readComplaints(body: unknown): Complaint[] {
  const errors = (body as { errors?: unknown } | undefined)?.errors;
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 5).map((error: { message?: unknown; field?: unknown } | null) => ({
    message: typeof error?.message === 'string' ? error.message : '',
    field: typeof error?.field === 'string' ? error.field : '',
  }));
}

/** `Retry-After` (RFC 9110 section 10.2.3) in seconds or as a date, else `X-RateLimit-Reset` in seconds since 1970. */
function waitMs({ headers }: SendGridAnswer, nowMs: number): number {
  const after = headers.get('retry-after') ?? '';
  const reset = headers.get('x-ratelimit-reset') ?? '';
  const asked = /^\d+$/.test(after)
    ? Number(after) * 1000
    : after !== ''
      ? Date.parse(after) - nowMs
      : /^\d+$/.test(reset)
        ? Number(reset) * 1000 - nowMs
        : Number.NaN;
  if (Number.isNaN(asked)) return defaultWaitMs;
  return Math.min(waitBoundsMs.most, Math.max(waitBoundsMs.least, asked));
}
