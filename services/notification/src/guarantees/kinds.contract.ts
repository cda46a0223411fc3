import { Actor_Kind, CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { Recipient_Why } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { expect, test } from 'vitest';
import type { Preferences } from '../preferences/preferences.ts';
import type { MakeEmptyStores } from '../testing/empty-stores.ts';
import { createFakeHandover, refused } from '../testing/fake-handover.ts';
import {
  ann,
  connectionUse,
  describe,
  makeEvent,
  makeHealthy,
  makeState,
  makeTombstone,
  sourceUse,
  startMs,
} from '../testing/fixtures.ts';
import { startLoop, windowMs } from '../testing/start-loop.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const administrator = (name: string) => ({
  ...{ userId: `user-${name}`, name, email: `${name}@example.com` },
  why: Recipient_Why.ADMINISTRATOR,
});
const workspace = { id: 'workspace-1', name: 'Sales' };

/** A source of Ann's in a workspace that Root and Deputy administer. */
const annsSource = (credentialId: string) => ({
  ...describe(
    sourceUse(`source-of-${credentialId}`, [ann], {
      workspace,
      administrators: [administrator('root'), administrator('deputy')],
    }),
  ),
  administrators: [administrator('boss')],
});

const death = (number: number, changes: Parameters<typeof makeState>[0] = {}) =>
  makeEvent(
    makeState({
      ...{ credentialId: `credential-${number}`, episodeId: `episode-${number}` },
      ...changes,
    }),
  );

/** What is told when, and to whom, on any engine. */
export function kindsContract(makeEmpty: MakeEmptyStores): void {
  const start = (options: Parameters<typeof startLoop>[1] = {}) =>
    startLoop(annsSource, { makeEmpty, ...options });
  type Loop = Awaited<ReturnType<typeof start>>;

  /** Lets `ms` pass in steps, as a sender that looks every quarter of an hour. */
  async function pass(loop: Loop, ms: number): Promise<void> {
    for (const end = loop.clock.nowMs() + ms; loop.clock.nowMs() < end; ) {
      loop.clock.advance(Math.min(windowMs, end - loop.clock.nowMs()));
      await loop.send();
    }
  }
  const told = async (loop: Loop) => (await loop.mails()).map(({ kind }) => kind);
  const choose = (loop: Loop, preferences: Preferences) =>
    loop.preferences.update({ accountId: 'account-1', userId: 'user-ann' }, () => preferences);

  test('an open episode is told again after 1, 3 and 7 days, and then no more', async () => {
    const loop = await start();
    await loop.handle(death(1));
    await loop.send();
    const days: number[] = [];
    for (let day = 1; day <= 10; day++) {
      const before = (await loop.mails()).length;
      // A day and a window: what is due at the end of one is out.
      await pass(loop, day === 1 ? dayMs + windowMs : dayMs);
      if ((await loop.mails()).length > before) days.push(day);
    }
    expect(days).toEqual([1, 3, 7]);
    expect(await told(loop)).toEqual(['expired', 'reminder', 'reminder', 'reminder']);
    const [, reminder] = await loop.mails();
    expect(reminder?.subject).toBe('Reminder: credentials expired in source');
  });

  test.each([
    ['a renewal', makeEvent(makeHealthy(Actor_Kind.USER))],
    ['the end of the credential', makeTombstone('credential-1')],
  ])('after %s there is no reminder', async (_, end) => {
    const loop = await start();
    await loop.handle(death(1));
    await loop.send();
    await loop.handle(end);
    expect(await loop.store.nextDueAtMs()).toBeUndefined();
    await pass(loop, 8 * dayMs);
    expect(await told(loop)).toEqual(['expired']);
  });

  test('an event that is delivered again later adds no reminder and moves none', async () => {
    const loop = await start();
    await loop.handle(death(1));
    await loop.send();
    await pass(loop, 12 * hourMs);
    await loop.handle(death(1));
    const next = await loop.store.nextDueAtMs();
    expect(next).toBeLessThan(startMs + dayMs + windowMs);
    expect(await loop.store.count()).toContainEqual({
      ...{ kind: 'reminder', state: 'waiting', count: 3 },
    });
  });

  test('reminders of many episodes of one person come in one mail', async () => {
    const loop = await start();
    for (let number = 1; number <= 5; number++) await loop.handle(death(number));
    await pass(loop, dayMs + 2 * windowMs);
    const reminders = (await loop.mails()).filter(({ kind }) => kind === 'reminder');
    expect(reminders.map(({ episodeIds }) => episodeIds.length)).toEqual([5]);
  });

  test('who has turned reminders off is told of the expiry and not again', async () => {
    const loop = await start();
    await loop.handle(death(1));
    await choose(loop, { timing: 'immediate', reminders: false });
    await loop.handle(death(2));
    await pass(loop, 8 * dayMs);
    expect(await told(loop)).toEqual(['expired', 'expired']);
    expect(await loop.store.count()).toContainEqual({
      ...{ kind: 'reminder', state: 'cancelled', count: 3 },
    });
  });

  test('who looks at the pages only gets no mail, and it is written down why', async () => {
    const loop = await start();
    await choose(loop, { timing: 'in_app_only', reminders: true });
    await loop.handle(death(1));
    await pass(loop, 8 * dayMs);
    expect(await told(loop)).toEqual([]);
    const [only, ...others] = await loop.store.listOfEpisode('episode-1', 'user-ann');
    expect(only).toMatchObject({ state: 'cancelled', explanation: { code: 'in_app_only' } });
    expect(others).toEqual([]);
    await loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM)));
    await pass(loop, windowMs);
    expect(await told(loop)).toEqual([]);
  });

  test('who chooses so while a digest waits gets no mail either', async () => {
    const loop = await start();
    for (const number of [1, 2, 3]) await loop.handle(death(number));
    await loop.send();
    await choose(loop, { timing: 'in_app_only', reminders: true });
    await pass(loop, 2 * windowMs);
    expect(await told(loop)).toEqual(['expired', 'expired']);
  });

  test('who wants one mail a day gets one, at the hour, with everything of the day, reminders too', async () => {
    const loop = await start();
    await choose(loop, { timing: 'daily_digest', reminders: true });
    for (const number of [1, 2, 3]) await loop.handle(death(number));
    await loop.handle(makeEvent(makeHealthy(Actor_Kind.USER, { credentialId: 'credential-2' })));
    // It is 14:05; the digests go at 6.
    await pass(loop, 15 * hourMs);
    expect(await told(loop)).toEqual([]);
    await pass(loop, 2 * hourMs);
    expect((await loop.mails()).map(({ kind, episodeIds }) => [kind, episodeIds])).toEqual([
      ['daily', ['episode-1', 'episode-3']],
    ]);
    await loop.handle(death(4));
    await pass(loop, dayMs);
    const [, second] = await loop.mails();
    expect(second?.kind).toBe('daily');
    // What expired the day before is reminded of, beside what is new.
    expect(second?.episodeIds).toEqual(['episode-1', 'episode-3', 'episode-4']);
    expect(second?.text).toContain('1 has expired and 2 still wait for their renewal');
  });

  const expiring = (expiresAtMs: number, version = 2n) =>
    makeEvent(
      makeState({
        ...{ version, status: CredentialStatus.EXPIRING, episodeId: undefined },
        expiresAt: new Date(expiresAtMs),
      }),
    );

  test('the end of a life is told 7 days and 1 day ahead, once each', async () => {
    const loop = await start();
    const endMs = startMs + 7 * dayMs;
    for (let times = 0; times < 3; times++) await loop.handle(expiring(endMs));
    await loop.send();
    expect(await told(loop)).toEqual(['expiring']);
    const [mail] = await loop.mails();
    expect(mail?.subject).toBe('Credentials expire soon in source');
    expect(mail?.text).toContain('end on 10 May 2026 at 14:05 UTC');
    await pass(loop, 5 * dayMs);
    expect(await told(loop)).toEqual(['expiring']);
    await pass(loop, dayMs + windowMs);
    expect(await told(loop)).toEqual(['expiring', 'expiring']);
    await pass(loop, 2 * dayMs);
    expect(await told(loop)).toHaveLength(2);
  });

  test('a life that ends within a day is told once', async () => {
    const loop = await start();
    await loop.handle(expiring(startMs + 20 * hourMs));
    await pass(loop, 2 * dayMs);
    expect(await told(loop)).toEqual(['expiring']);
  });

  test('a renewal before the end stops the later warning, and a new end is warned of anew', async () => {
    const loop = await start();
    await loop.handle(expiring(startMs + 7 * dayMs));
    await loop.send();
    await loop.handle(makeEvent(makeHealthy(Actor_Kind.USER)));
    expect(await loop.store.nextDueAtMs()).toBeUndefined();
    await pass(loop, 8 * dayMs);
    expect(await told(loop)).toEqual(['expiring']);
    await loop.handle(expiring(loop.clock.nowMs() + 7 * dayMs, 4n));
    await pass(loop, windowMs);
    expect(await told(loop)).toEqual(['expiring', 'expiring']);
  });

  const delayed = (sinceMs: number, version = 2n) =>
    makeEvent(
      makeState({
        ...{ version, status: CredentialStatus.DELAYED, episodeId: undefined },
        since: new Date(sinceMs),
        reason: { code: 'provider_unavailable', text: 'Google does not answer.', resolver: 3 },
      }),
    );

  test('a delay of a day is told to the administrators of the account once, and to nobody else', async () => {
    const loop = await start();
    await loop.handle(delayed(startMs));
    await loop.tellAdministrators();
    await pass(loop, dayMs - 2 * windowMs);
    await loop.tellAdministrators();
    expect(await told(loop)).toEqual([]);
    // Under another reason it is still the same delay.
    await loop.handle(delayed(loop.clock.nowMs(), 3n));
    loop.clock.advance(2 * windowMs);
    await loop.tellAdministrators();
    await loop.tellAdministrators();
    await pass(loop, windowMs);
    const mails = await loop.mails();
    expect(mails.map(({ kind, to }) => [kind, to.address])).toEqual([
      ['delayed', 'boss@example.com'],
    ]);
    expect(mails[0]?.text).toContain('Google does not answer.');
    expect(mails[0]?.text).toContain('because you administer');
    await loop.reopen();
    await pass(loop, 3 * dayMs);
    await loop.tellAdministrators();
    await pass(loop, windowMs);
    expect(await loop.mails()).toHaveLength(1);
  });

  test('a delay that is over within a day is told to nobody', async () => {
    const loop = await start();
    await loop.handle(delayed(startMs));
    await loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM)));
    await pass(loop, 2 * dayMs);
    await loop.tellAdministrators();
    await loop.send();
    expect(await told(loop)).toEqual([]);
  });

  /** Mails to Ann are refused, all others go. */
  const annUnreachable = () =>
    createFakeHandover({
      meet: ({ to }) => {
        if (to.address === 'ann@example.com') throw refused;
      },
    });

  test('where a mail can never arrive the administrators of the workspace are told instead, once, and why', async () => {
    const fake = annUnreachable();
    const loop = await start({ handover: fake.handover });
    await loop.handle(death(1));
    await loop.send();
    await loop.tellAdministrators();
    await loop.reopen();
    await loop.handle(death(1));
    await loop.tellAdministrators();
    await loop.send();
    expect(fake.taken.map(({ kind, to }) => [kind, to.address]).sort()).toEqual([
      ['escalation', 'deputy@example.com'],
      ['escalation', 'root@example.com'],
    ]);
    const text = fake.taken[0]?.text ?? '';
    expect(text).toContain('Ann cannot be reached by mail.');
    expect(text).toContain('because you administer the workspace “Sales”');
    expect(text).toContain('/workspaces/workspace-1?source=source-of-credential-1');
    expect(text).not.toContain('ann@example.com');
    await pass(loop, 8 * dayMs);
    await loop.tellAdministrators();
    // No reminder is sent to an address that does not work.
    expect(fake.tries().filter(({ to }) => to.address === 'ann@example.com')).toHaveLength(1);
    expect(fake.taken).toHaveLength(2);
  });

  test('a crash between the failure and the telling of administrators is made up for', async () => {
    const fake = annUnreachable();
    const loop = await start({ handover: fake.handover });
    await loop.handle(death(1));
    await loop.send();
    await loop.reopen();
    await loop.tellAdministrators();
    await loop.send();
    expect(fake.kinds()).toEqual(['escalation', 'escalation']);
  });

  test('an administrator who cannot be reached either is not escalated', async () => {
    const fake = createFakeHandover({ meet: () => Promise.reject(refused) });
    const loop = await start({ handover: fake.handover });
    await loop.handle(death(1));
    for (let times = 0; times < 5; times++) {
      await loop.send();
      await loop.tellAdministrators();
    }
    expect(fake.tries()).toHaveLength(3);
  });

  test('what is over before the administrators were told is told to nobody', async () => {
    const fake = annUnreachable();
    const loop = await start({ handover: fake.handover });
    await loop.handle(death(1));
    await loop.send();
    await loop.handle(makeEvent(makeHealthy(Actor_Kind.USER)));
    await loop.tellAdministrators();
    await loop.send();
    expect(fake.taken).toEqual([]);
  });

  test('an administrator who has been told of the episode anyhow is not told a second time', async () => {
    const root = { ...administrator('root'), why: Recipient_Why.SHARED };
    const fake = annUnreachable();
    const loop = await startLoop(
      () =>
        describe({
          ...connectionUse('connection-1', [{ ...ann, why: Recipient_Why.OWNER }, root]),
          administrators: [administrator('root'), administrator('deputy')],
        }),
      { makeEmpty, handover: fake.handover },
    );
    await loop.handle(death(1));
    await loop.send();
    await loop.tellAdministrators();
    await loop.send();
    expect(fake.taken.map(({ kind, to }) => [kind, to.address])).toEqual([
      ['expired', 'root@example.com'],
      ['escalation', 'deputy@example.com'],
    ]);
  });

  test('good news of an expiry that nobody was told of is told to nobody', async () => {
    const fake = annUnreachable();
    const loop = await start({ handover: fake.handover });
    await loop.handle(death(1));
    await loop.send();
    await loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM)));
    await loop.send();
    expect(fake.tries()).toHaveLength(1);
  });
}
