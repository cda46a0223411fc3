import { DomainError } from '@credential-renewal/runtime';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

let world: GatewayWorld;
let refusal: DomainError | undefined;
beforeAll(async () => {
  world = await startGatewayWorld({
    notification: {
      async receiveDeliveryReports(request) {
        if (refusal) throw refusal;
        world.notification.reports.push(request);
        return { accepted: 1, ignored: 0 };
      },
    },
  });
});
afterAll(() => world.stop());
beforeEach(() => {
  // Each test begins with a full bucket.
  world.clock.advance(60_000);
  refusal = undefined;
  world.notification.reports.length = 0;
});

const signed = {
  'content-type': 'application/json',
  'x-twilio-email-event-webhook-signature': 'MEUCIQ==',
  'x-twilio-email-event-webhook-timestamp': '1790000000',
};

function post(
  body: string | Buffer<ArrayBuffer> | undefined,
  headers: Record<string, string> = signed,
) {
  return world.fetch('/webhooks/sendgrid', { method: 'POST', headers, body });
}

test('a report is passed on to the byte, with its signature, without a session', async () => {
  // Not what a parser would write again: spaces, key order, an escape, a carriage return, bytes that are no UTF-8.
  const body = Buffer.concat([
    Buffer.from('[ {"b":1,\t"a":"\\u00e9"}\r\n]'),
    Buffer.from([0xff, 0x00, 0xfe]),
  ]);
  const response = await post(body);
  expect(response.status).toBe(204);
  expect(await response.text()).toBe('');
  const [report] = world.notification.reports;
  expect(report).toMatchObject({
    transport: 'sendgrid',
    signature: 'MEUCIQ==',
    timestamp: '1790000000',
  });
  expect(Buffer.from(report?.body ?? []).equals(body)).toBe(true);
});

test('whatever its type is, and without one, the body comes through', async () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
  ])
    expect((await post('[]', { ...signed, 'content-type': type })).status, type).toBe(204);
  expect(world.notification.reports.map(({ body }) => Buffer.from(body).toString())).toEqual([
    '[]',
    '[]',
    '[]',
  ]);
});

test('without signature, time or body it is for notification to refuse', async () => {
  expect((await post(undefined, {})).status).toBe(204);
  expect(world.notification.reports).toMatchObject([{ signature: '', timestamp: '' }]);
  expect(world.notification.reports[0]?.body).toHaveLength(0);
});

test.each([
  ['unauthenticated', 'DELIVERY_REPORT_UNSIGNED', 403],
  ['failed_precondition', 'DELIVERY_REPORTS_NOT_EXPECTED', 404],
  ['unavailable', 'STORE_UNAVAILABLE', 503],
] as const)('%s of notification is told by its status', async (kind, code, status) => {
  refusal = new DomainError(kind, code, 'It is refused.');
  const response = await post('[]');
  expect(response.status).toBe(status);
  expect(response.headers.get('www-authenticate')).toBeNull();
  expect(((await response.json()) as { code: string }).code).toBe(code);
});

test('the largest body that is taken arrives, and a larger one is 413', async () => {
  const limit = 1000 * 1024;
  expect((await post(Buffer.alloc(limit, 0x20))).status).toBe(204);
  expect(world.notification.reports[0]?.body).toHaveLength(limit);
  const response = await post(Buffer.alloc(limit + 1, 0x20));
  expect(response.status).toBe(413);
  expect(((await response.json()) as { detail: string }).detail).toContain('1000 KiB');
});

test('the address knows POST alone', async () => {
  const response = await world.fetch('/webhooks/sendgrid');
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('POST');
});

test('a flood is held back with Retry-After, and ends by itself', async () => {
  let held: Response | undefined;
  // Beside the burst the bucket gives 20 a second: any machine asks faster.
  while (held === undefined) {
    const answers = await Promise.all(Array.from({ length: 100 }, () => post('[]')));
    held = answers.find(({ status }) => status === 429);
  }
  expect(held.headers.get('retry-after')).toBe('1');
  world.clock.advance(1_000);
  expect((await post('[]')).status).toBe(204);
});
