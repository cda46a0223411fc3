import type { DeliveryReport } from './delivery-report.ts';

/** As it came in from outside: nothing of it is believed before its signature. */
export type SignedReports = { body: Buffer; signature: string; timestamp: string };

/** Knows one provider's way of reporting. */
export type ReportReader = {
  /**
   * `ignored` counts what is well signed and not for us: events of kinds that are not tracked, of other senders, and repeated in this batch.
   * Rejects with DeliveryReportUnsignedError or DeliveryReportMalformedError.
   */
  read(signed: SignedReports): Promise<{ reports: DeliveryReport[]; ignored: number }>;
};
