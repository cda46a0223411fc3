import { Actor_Kind } from '@credential-renewal/proto/events/v1/credential';
import { expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import type { Mail } from '../sending/mail.ts';
import type { MakeEmptyStores } from '../testing/empty-stores.ts';
import {
  busy,
  createFakeHandover,
  refused,
  unanswered,
  unreachable,
} from '../testing/fake-handover.ts';
import {
  ann,
  describe,
  makeEvent,
  makeHealthy,
  makeState,
  sourceUse,
} from '../testing/fixtures.ts';
import { handoverTimes, startLoop, windowMs } from '../testing/start-loop.ts';
import type { DeliveryReport } from '../transports/delivery-report.ts';

const bob = { ...ann, userId: 'user-bob', name: 'Bob', email: 'bob@example.com' };

const oneSource = (credentialId: string) =>
  describe(sourceUse(`source-of-${credentialId}`, [credentialId.startsWith('of-bob') ? bob : ann]));

const death = (number: number) =>
  makeEvent(makeState({ credentialId: `credential-${number}`, episodeId: `episode-${number}` }));

/** When a transport without reports is tried again. */
const unansweredMs = 2 * (handoverTimes.timeoutMs + handoverTimes.replyTimeoutMs);

const report = (
  mail: Mail | undefined,
  kind: DeliveryReport['kind'],
  id = kind,
): DeliveryReport => ({
  ...{ reportId: `${mail?.id} ${id}`, mailId: mail?.id ?? '', kind, atMs: 0, text: '550 no' },
});

/** What must be true of mails that are handed to another machine, on any engine. */
export function handoverContract(makeEmpty: MakeEmptyStores): void {
  const start = async (
    fake: ReturnType<typeof createFakeHandover>,
    more: Parameters<typeof startLoop>[1] = {},
  ) => {
    const loop = await startLoop(oneSource, { makeEmpty, handover: fake.handover, ...more });
    const first = async (episode = 1) => {
      const key = { episodeId: `episode-${episode}`, userId: 'user-ann', kind: 'expired' } as const;
      return (await loop.store.find(key)) as Notification;
    };
    return { loop, first };
  };

  test('a mail is claimed before it is handed over, and then marked as sent', async () => {
    const seen: (string | undefined)[] = [];
    const fake = createFakeHandover({
      meet: async () => {
        const { state, mailId } = await first();
        seen.push(state, mailId);
      },
    });
    const { loop, first } = await start(fake);
    await loop.handle(death(1));
    await loop.send();
    const { id, state } = await first();
    expect(seen).toEqual(['handing_over', id]);
    expect(state).toBe('sent');
    expect(fake.taken).toHaveLength(1);
  });

  test.each([
    ['that reports', true, handoverTimes.reportWaitMs],
    ['that does not', false, unansweredMs],
  ])(
    'after a crash inside the send a transport %s is given its time, and then the same mail goes out once more',
    async (_, reports, waitMs) => {
      // As for a process that ended after the other side had taken the mail: nothing was marked.
      const deaf = createFakeHandover({ reports, meet: () => Promise.reject(unanswered) });
      const { loop } = await start(deaf);
      await loop.handle(death(1));
      expect(await loop.send()).toBe(waitMs);
      loop.clock.advance(waitMs - 1);
      await loop.send();
      expect(deaf.tries()).toHaveLength(1);
      loop.clock.advance(1);
      await loop.send();
      expect(deaf.tries()).toHaveLength(2);
      expect(new Set(deaf.tries().map(({ messageId }) => messageId)).size).toBe(1);
      expect(new Set(deaf.tries().map(({ id }) => id)).size).toBe(1);
    },
  );

  test.each(['accepted', 'deferred', 'delivered', 'bounced'] as const)(
    'a report (%s) settles what nobody knew before anything is sent again',
    async (kind) => {
      const deaf = createFakeHandover({ reports: true, meet: () => Promise.reject(unanswered) });
      const { loop, first } = await start(deaf);
      await loop.handle(death(1));
      await loop.send();
      const [mail] = deaf.tries();
      expect(await loop.applyReports(report(mail, kind))).toEqual({ accepted: 1, ignored: 0 });
      loop.clock.advance(handoverTimes.reportWaitMs * 3);
      await loop.send();
      expect(deaf.tries()).toHaveLength(1);
      const after = {
        accepted: 'sent',
        deferred: 'sent',
        delivered: 'delivered',
        bounced: 'bounced',
      };
      expect((await first()).state).toBe(after[kind]);
    },
  );

  test('a report after the wait and before the second try still settles it', async () => {
    let answers = false;
    const fake = createFakeHandover({
      reports: true,
      meet: () => {
        if (!answers) throw unanswered;
      },
    });
    const { loop, first } = await start(fake);
    await loop.handle(death(1));
    await loop.send();
    answers = true;
    loop.clock.advance(handoverTimes.reportWaitMs);
    await loop.applyReports(report(fake.tries()[0], 'accepted'));
    await loop.send();
    expect(fake.taken).toEqual([]);
    expect((await first()).state).toBe('sent');
  });

  test('the same report again, also after a restart, is ignored, and so is one of an unknown mail', async () => {
    const fake = createFakeHandover({ reports: true });
    const { loop } = await start(fake);
    await loop.handle(death(1));
    await loop.send();
    const delivered = report(fake.taken[0], 'delivered');
    expect(await loop.applyReports(delivered, delivered)).toEqual({ accepted: 1, ignored: 1 });
    await loop.reopen();
    expect(await loop.applyReports(delivered)).toEqual({ accepted: 0, ignored: 1 });
    const unknown = { ...delivered, reportId: 'other', mailId: 'unknown' };
    expect(await loop.applyReports(unknown)).toEqual({ accepted: 0, ignored: 1 });
  });

  test('five tries of which nothing is ever heard are an end, and are told to an administrator', async () => {
    const deaf = createFakeHandover({ meet: () => Promise.reject(unanswered) });
    const { loop, first } = await start(deaf);
    await loop.handle(death(1));
    for (let tries = 0; tries < 8; tries++) {
      await loop.send();
      loop.clock.advance(unansweredMs);
    }
    expect(deaf.tries()).toHaveLength(5);
    expect(await first()).toMatchObject({
      ...{ state: 'failed', escalate: true, explanation: { code: 'outcome_unknown' } },
    });
  });

  test('a refused mail is failed with the words of the provider and never tried again; the others go on', async () => {
    const fake = createFakeHandover({
      meet: (mail) => {
        if (mail.episodeIds.includes('episode-1')) throw refused;
      },
    });
    const { loop, first } = await start(fake);
    await loop.handle(death(1));
    await loop.handle(death(2));
    await loop.send();
    loop.clock.advance(3_600_000);
    await loop.send();
    expect(await first()).toMatchObject({
      state: 'failed',
      explanation: { code: 'refused', text: '550 no such user' },
      escalate: true,
    });
    expect(fake.tries()).toHaveLength(2);
    expect(fake.taken.map(({ episodeIds }) => episodeIds)).toEqual([['episode-2']]);
  });

  test('a transport that asks for patience gets it for all mails, and then they go out', async () => {
    let patient = false;
    const fake = createFakeHandover({
      meet: () => {
        if (!patient) throw busy(7_000);
      },
    });
    const { loop, first } = await start(fake);
    await loop.handle(death(1));
    await loop.handle(death(2));
    expect(await loop.send()).toBe(7_000);
    expect(fake.tries()).toHaveLength(1);
    expect(await first()).toMatchObject({ state: 'waiting', attempts: 0 });
    patient = true;
    loop.clock.advance(6_999);
    expect(await loop.send()).toBe(1);
    expect(fake.taken).toEqual([]);
    loop.clock.advance(1);
    await loop.send();
    expect(fake.taken).toHaveLength(2);
  });

  test('a transport that is down for an hour loses nothing, and the late mail says when it was noticed', async () => {
    let down = true;
    const fake = createFakeHandover({
      meet: () => {
        if (down) throw unreachable;
      },
    });
    const { loop } = await start(fake);
    for (const number of [1, 2, 3, 4, 5]) await loop.handle(death(number));
    for (const end = loop.clock.nowMs() + 3_600_000; loop.clock.nowMs() < end; ) {
      loop.clock.advance((await loop.send()) ?? 60_000);
    }
    down = false;
    // The longest pause between two tries.
    for (const end = loop.clock.nowMs() + 600_000; loop.clock.nowMs() < end; ) {
      loop.clock.advance(Math.min((await loop.send()) ?? 60_000, 60_000));
    }
    const told = fake.taken.flatMap(({ episodeIds }) => episodeIds).sort();
    expect(told).toEqual([1, 2, 3, 4, 5].map((number) => `episode-${number}`));
    for (const { text } of fake.taken) {
      expect(text).toContain('This mail is late: its news was noticed on 3 May 2026 at 14:05 UTC');
    }
  });

  test('of a digest that cannot be claimed whole nothing is sent, and the rest goes on its own', async () => {
    let hit: (() => Promise<void>) | undefined;
    const fake = createFakeHandover();
    const { loop } = await start(fake, {
      wrapTransport: (transport) => ({
        name: transport.name,
        async deliver(mail, parts) {
          if (parts.length === 3) await hit?.();
          return transport.deliver(mail, parts);
        },
      }),
    });
    hit = () =>
      loop.handle(makeEvent(makeHealthy(Actor_Kind.USER, { credentialId: 'credential-4' })));
    for (const number of [1, 2, 3, 4, 5]) await loop.handle(death(number));
    await loop.send();
    loop.clock.advance(windowMs);
    await loop.send();
    expect(fake.taken.map(({ episodeIds }) => episodeIds)).toEqual([
      ['episode-1'],
      ['episode-2'],
      ['episode-3', 'episode-5'],
    ]);
  });

  test('what ended while its fate was unknown is not sent a second time', async () => {
    const deaf = createFakeHandover({ meet: () => Promise.reject(unanswered) });
    const { loop, first } = await start(deaf);
    await loop.handle(death(1));
    await loop.send();
    await loop.handle(makeEvent(makeHealthy(Actor_Kind.USER, { credentialId: 'credential-1' })));
    loop.clock.advance(unansweredMs);
    await loop.send();
    expect(deaf.tries()).toHaveLength(1);
    expect((await first()).state).toBe('cancelled');
  });

  test('one that hangs holds up no other', async () => {
    const gate = Promise.withResolvers<void>();
    const fake = createFakeHandover({
      meet: (mail) => (mail.episodeIds.includes('episode-1') ? gate.promise : undefined),
    });
    const { loop } = await start(fake, { concurrency: 2 });
    for (const number of [1, 2]) await loop.handle(death(number));
    const sending = loop.send();
    await fake.untilTaken(1);
    gate.resolve();
    await sending;
    expect(fake.taken.map(({ episodeIds }) => episodeIds[0])).toEqual(['episode-2', 'episode-1']);
  });

  test('replicas that send at the same time hand each mail over once', async () => {
    const fake = createFakeHandover({
      meet: () => new Promise((resolve) => setImmediate(resolve)),
    });
    const { loop } = await start(fake, { concurrency: 3 });
    for (let number = 1; number <= 12; number++) await loop.handle(death(number));
    loop.clock.advance(windowMs);
    await Promise.all(Array.from({ length: 5 }, () => loop.anotherSender()()));
    const told = fake.taken.flatMap(({ episodeIds }) => episodeIds);
    expect(new Set(told).size).toBe(12);
    expect(told).toHaveLength(12);
  });

  test('the rate holds, digests go first, and then the longest due', async () => {
    const fake = createFakeHandover();
    const { loop } = await start(fake, { perSecond: 2 });
    for (const number of [1, 2, 3, 4]) await loop.handle(death(number));
    await loop.send();
    loop.clock.advance(windowMs);
    for (const number of [1, 2]) {
      const one = { credentialId: `of-bob-${number}`, episodeId: `episode-of-bob-${number}` };
      await loop.handle(makeEvent(makeState(one)));
    }
    expect(await loop.send()).toBe(500);
    expect(fake.kinds()).toEqual(['expired', 'expired', 'digest', 'expired']);
    loop.clock.advance(500);
    await loop.send();
    expect(fake.taken).toHaveLength(5);
  });
}
