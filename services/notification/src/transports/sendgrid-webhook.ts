import type { Clock } from '@credential-renewal/runtime';
import type { DeliveryReport } from './delivery-report.ts';
import {
  DeliveryReportMalformedError,
  DeliveryReportUnsignedError,
} from './delivery-report-errors.ts';
import type { ReportReader, SignedReports } from './report-reader.ts';
import { toDeliveryReport } from './sendgrid-event.ts';
import { isSigned, parseWebhookKeys } from './sendgrid-signature.ts';

/** SendGrid's batches stay below 768 kB. */
const largestBody = 1_000_000;
const mostEvents = 10_000;
const clockSkewMs = 5 * 60_000;

/**
 * Reads what SendGrid posts to its signed event webhook. `maxAgeMs` bounds how old a signature may be. It is not five minutes as elsewhere:
 * SendGrid goes on trying for 24 hours where we do not answer, does not document whether it signs each try anew, and a report that is refused
 * for its age would leave a mail unsettled. A replay within that time gains nothing: each report counts once.
 */
export function createSendGridWebhook(deps: {
  /** The text with the public keys, asked for each time. */
  keys: () => Promise<string>;
  clock: Clock;
  maxAgeMs: number;
}): ReportReader {
  let parsed: { text: string; keys: ReturnType<typeof parseWebhookKeys> } | undefined;

  async function currentKeys() {
    const text = await deps.keys();
    if (parsed?.text !== text) parsed = { text, keys: parseWebhookKeys(text) };
    return parsed.keys ?? [];
  }

  async function verify(signed: SignedReports): Promise<void> {
    const { signature, timestamp } = signed;
    // Exactly ten digits: the signature is of timestamp and body in one, so a digit that changed sides would go unnoticed.
    if (signature === '' || !/^\d{10}$/.test(timestamp))
      throw new DeliveryReportUnsignedError('missing');
    const ageMs = deps.clock.nowMs() - Number(timestamp) * 1000;
    if (ageMs > deps.maxAgeMs) throw new DeliveryReportUnsignedError('old');
    if (ageMs < -clockSkewMs) throw new DeliveryReportUnsignedError('early');
    if (!isSigned(await currentKeys(), signed)) throw new DeliveryReportUnsignedError('wrong');
  }

  return {
    async read(signed) {
      if (signed.body.byteLength > largestBody)
        throw new DeliveryReportMalformedError('it is too large');
      await verify(signed);
      return toReports(parseEvents(signed.body));
    },
  };
}

function parseEvents(body: Buffer): unknown[] {
  let events: unknown;
  try {
    events = JSON.parse(body.toString('utf8'));
  } catch {
    throw new DeliveryReportMalformedError('it is no JSON');
  }
  if (!Array.isArray(events)) throw new DeliveryReportMalformedError('it is no list of events');
  if (events.length > mostEvents)
    throw new DeliveryReportMalformedError(`it has more than ${mostEvents} events`);
  return events;
}

function toReports(events: readonly unknown[]): { reports: DeliveryReport[]; ignored: number } {
  const byId = new Map<string, DeliveryReport>();
  for (const event of events) {
    const report = toDeliveryReport(event);
    if (report && !byId.has(report.reportId)) byId.set(report.reportId, report);
  }
  return { reports: [...byId.values()], ignored: events.length - byId.size };
}
