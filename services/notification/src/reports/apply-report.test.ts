import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { claimed } from '../notification-steps.ts';
import { makeNotification, startMs } from '../testing/fixtures.ts';
import { applyReport, type ReportedFate } from './apply-report.ts';

const mailId = 'mail-1';
const handedOver = claimed(makeNotification(), { mailId, atMs: startMs, untilMs: startMs + 1 });

const report = (kind: ReportedFate['kind'], atMs = startMs + 5): ReportedFate => ({
  ...{ mailId, kind, atMs, text: '' },
});
const fold = (start: Notification, reports: readonly ReportedFate[]) =>
  reports.reduce(applyReport, start);

const reports = fc.array(
  fc.record({
    mailId: fc.constant(mailId),
    kind: fc.constantFrom(
      'accepted' as const,
      'deferred' as const,
      'delivered' as const,
      'bounced' as const,
      'dropped' as const,
      'complained' as const,
    ),
    // Few moments and few words, so that many coincide.
    atMs: fc.integer({ min: startMs, max: startMs + 4 }),
    text: fc.constantFrom('', 'full', 'unknown user'),
  }),
  { maxLength: 8 },
);

test('in whatever order and however often reports come, the end is the same', () => {
  fc.assert(
    fc.property(reports, fc.infiniteStream(fc.nat()), (all, random) => {
      const repeated = [...all, ...all.filter(() => (random.next().value ?? 0) % 2 === 0)];
      const keyed = repeated.map((one) => ({ one, key: random.next().value ?? 0 }));
      const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ one }) => one);
      expect(fold(handedOver, shuffled)).toEqual(fold(handedOver, all));
    }),
    { numRuns: 2_000 },
  );
});

test('what is known better is never overwritten by what is known worse', () => {
  const certainty = ['handing_over', 'sent', 'delivered', 'bounced'];
  fc.assert(
    fc.property(reports, (all) => {
      let now = handedOver;
      for (const one of all) {
        const after = applyReport(now, one);
        expect(certainty.indexOf(after.state)).toBeGreaterThanOrEqual(certainty.indexOf(now.state));
        now = after;
      }
    }),
  );
});

test.each([
  ['an acceptance before our own mark settles the claim', ['accepted'], 'sent'],
  ['a delivery before its acceptance stays a delivery', ['delivered', 'accepted'], 'delivered'],
  ['a bounce wins over a delivery, before it', ['bounced', 'delivered'], 'bounced'],
  ['a bounce wins over a delivery, after it', ['delivered', 'bounced'], 'bounced'],
  ['a drop is a bounce', ['deferred', 'dropped'], 'bounced'],
  ['a complaint is of a mail that arrived', ['complained'], 'delivered'],
] as const)('%s', (_, kinds, state) => {
  const after = fold(
    handedOver,
    kinds.map((kind) => report(kind)),
  );
  expect(after.state).toBe(state);
});

test('a bounce of what somebody was to act on is to be told to somebody else, once', () => {
  const bounced = applyReport(handedOver, { ...report('bounced'), text: '550 unknown user' });
  expect(bounced).toMatchObject({
    escalate: true,
    explanation: { code: 'bounced', text: '550 unknown user' },
  });
  const escalated = { ...bounced, escalate: false };
  expect(applyReport(escalated, report('dropped'))).toMatchObject({ escalate: false });
  const good = applyReport({ ...handedOver, kind: 'recovered' }, report('bounced'));
  expect(good.escalate).toBeUndefined();
});

test('a report of another mail changes nothing', () => {
  const other = { ...report('bounced'), mailId: 'mail-2' };
  expect(applyReport(handedOver, other)).toBe(handedOver);
});

test.each(['waiting', 'cancelled', 'failed'] as const)(
  'what we took for not out (%s) is out when its provider says so',
  (state) => {
    expect(applyReport({ ...handedOver, state }, report('delivered')).state).toBe('delivered');
  },
);
