import type { NotificationDeliveryServiceService } from '@credential-renewal/proto/notification/v1/deliveries';
import type { RpcHandlers } from '@credential-renewal/rpc';
import type { Logger } from '@credential-renewal/runtime';
import { Counter, type Registry } from 'prom-client';
import type { DeliveryReport } from '../transports/delivery-report.ts';
import {
  DeliveryReportMalformedError,
  DeliveryReportsNotExpectedError,
  DeliveryReportUnsignedError,
} from '../transports/delivery-report-errors.ts';
import type { ReportReader } from '../transports/report-reader.ts';

const outcomes = [
  'accepted',
  'ignored',
  'unsigned',
  'old',
  'malformed',
  'not_expected',
  'failed',
] as const;
type Outcome = (typeof outcomes)[number];

/**
 * A provider's signed reports, applied. Errors: DELIVERY_REPORT_UNSIGNED, DELIVERY_REPORT_MALFORMED, DELIVERY_REPORTS_NOT_EXPECTED. Where `apply`
 * fails the provider is not answered, and tries again.
 */
export function createReceiveDeliveryReports(deps: {
  /** By the name of the transport; empty where the configured one makes no reports. */
  readers: ReadonlyMap<string, ReportReader>;
  /** `accepted`: what changed something. `ignored`: repeated, late, or of mails that we do not know. */
  apply(reports: readonly DeliveryReport[]): Promise<{ accepted: number; ignored: number }>;
  metrics: Registry;
  logger: Logger;
}): RpcHandlers<typeof NotificationDeliveryServiceService>['receiveDeliveryReports'] {
  const counter = new Counter({
    name: 'notification_delivery_reports_total',
    help: 'Reports of a mail provider by what was done with them; requests that were refused count once each.',
    labelNames: ['outcome'],
    registers: [deps.metrics],
  });
  for (const outcome of outcomes) counter.inc({ outcome }, 0);

  return async ({ transport, body, signature, timestamp }) => {
    try {
      const reader = deps.readers.get(transport);
      if (!reader) throw new DeliveryReportsNotExpectedError();
      const read = await reader.read({ body, signature, timestamp });
      const applied =
        read.reports.length === 0 ? { accepted: 0, ignored: 0 } : await deps.apply(read.reports);
      const ignored = applied.ignored + read.ignored;
      counter.inc({ outcome: 'accepted' }, applied.accepted);
      counter.inc({ outcome: 'ignored' }, ignored);
      return { accepted: applied.accepted, ignored };
    } catch (err) {
      const outcome = outcomeOf(err);
      counter.inc({ outcome });
      // Anybody can post what is unsigned: that is for the metric, and fills no log.
      const level = outcome === 'malformed' || outcome === 'failed' ? 'warn' : 'debug';
      deps.logger[level](
        { err, transport: logged(transport), outcome },
        'delivery reports refused',
      );
      throw err;
    }
  };

  /** The caller's word, of which any could come. */
  function logged(transport: string): string {
    return deps.readers.has(transport) ? transport : 'unknown';
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof DeliveryReportUnsignedError) return error.why === 'old' ? 'old' : 'unsigned';
  if (error instanceof DeliveryReportMalformedError) return 'malformed';
  if (error instanceof DeliveryReportsNotExpectedError) return 'not_expected';
  return 'failed';
}
