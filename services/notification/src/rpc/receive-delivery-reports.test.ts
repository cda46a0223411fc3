import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { startMs } from '../testing/fixtures.ts';
import { createEventSigner, makeEvent, type SignedBatch } from '../testing/sendgrid-events.ts';
import { recordingLogger, standingClock } from '../testing/start-room.ts';
import type { DeliveryReport } from '../transports/delivery-report.ts';
import { createSendGridWebhook } from '../transports/sendgrid-webhook.ts';
import { createReceiveDeliveryReports } from './receive-delivery-reports.ts';

const context = { signal: new AbortController().signal };
const signer = createEventSigner();
const signed = (events: unknown, atMs = startMs) => signer.sign(events, { atMs });

/** The handler over an application that knows the mail m-1 and counts each report once. */
function createRoom(options: { failure?: Error } = {}) {
  const applied = new Map<string, DeliveryReport>();
  const metrics = new Registry();
  const { logger, lines } = recordingLogger();
  const webhook = createSendGridWebhook({
    keys: async () => signer.publicKey,
    clock: standingClock(startMs),
    maxAgeMs: 86_400_000,
  });
  const handler = createReceiveDeliveryReports({
    readers: new Map([['sendgrid', webhook]]),
    async apply(reports) {
      if (options.failure) throw options.failure;
      const news = reports.filter(
        ({ reportId, mailId }) => mailId === 'm-1' && !applied.has(reportId),
      );
      for (const report of news) applied.set(report.reportId, report);
      return { accepted: news.length, ignored: reports.length - news.length };
    },
    metrics,
    logger,
  });
  const receive = (batch: SignedBatch, transport = 'sendgrid') =>
    handler({ transport, ...batch }, context);
  async function counted(outcome: string): Promise<number | undefined> {
    const metric = await metrics.getSingleMetric('notification_delivery_reports_total')?.get();
    return metric?.values.find(({ labels }) => labels['outcome'] === outcome)?.value;
  }
  return { receive, counted, applied, lines };
}

test('reports are applied, and a repeated batch changes nothing and is answered all the same', async () => {
  const { receive, counted, applied } = createRoom();
  const batch = signed([
    makeEvent('processed', 'm-1'),
    makeEvent('delivered', 'm-1'),
    makeEvent('open', 'm-1'),
    makeEvent('delivered', 'm-2'),
  ]);
  expect(await receive(batch)).toEqual({ accepted: 2, ignored: 2 });
  expect(await receive(batch)).toEqual({ accepted: 0, ignored: 4 });
  expect([...applied.values()].map(({ kind }) => kind)).toEqual(['accepted', 'delivered']);
  expect([await counted('accepted'), await counted('ignored')]).toEqual([2, 6]);
});

test.each<[string, SignedBatch, string, string]>([
  ['without a signature', { ...signed([]), signature: '' }, 'DELIVERY_REPORT_UNSIGNED', 'unsigned'],
  [
    'with a wrong one',
    { ...signed([]), body: Buffer.from('[1]') },
    'DELIVERY_REPORT_UNSIGNED',
    'unsigned',
  ],
  [
    'from two days ago',
    signed([makeEvent('delivered', 'm-1')], startMs - 172_800_000),
    'DELIVERY_REPORT_UNSIGNED',
    'old',
  ],
  ['of no list', signed('{}'), 'DELIVERY_REPORT_MALFORMED', 'malformed'],
])('a batch %s is refused and counted, and nothing is applied', async (_, batch, code, outcome) => {
  const { receive, counted, applied, lines } = createRoom();
  await expect(receive(batch)).rejects.toMatchObject({ code });
  expect(await counted(outcome)).toBe(1);
  expect(applied.size).toBe(0);
  expect(JSON.stringify(lines)).not.toContain('ann@example.com');
});

test.each(['', 'smtp', 'mailbox', '__proto__'])(
  'reports for the transport %j are not expected',
  async (transport) => {
    const { receive, counted } = createRoom();
    await expect(receive(signed([]), transport)).rejects.toMatchObject({
      kind: 'failed_precondition',
      code: 'DELIVERY_REPORTS_NOT_EXPECTED',
    });
    expect(await counted('not_expected')).toBe(1);
  },
);

test('what cannot be applied is not answered, so that the provider tries again', async () => {
  const { receive, counted } = createRoom({ failure: new Error('the store is away') });
  await expect(receive(signed([makeEvent('delivered', 'm-1')]))).rejects.toThrow(
    'the store is away',
  );
  expect(await counted('failed')).toBe(1);
  expect(await counted('accepted')).toBe(0);
});

test('a batch of nothing for us does not trouble the application', async () => {
  const { receive } = createRoom({ failure: new Error('asked in vain') });
  expect(await receive(signed([makeEvent('open', 'm-1')]))).toEqual({ accepted: 0, ignored: 1 });
  expect(await receive(signed([]))).toEqual({ accepted: 0, ignored: 0 });
});
