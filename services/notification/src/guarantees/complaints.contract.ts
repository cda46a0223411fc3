import { Actor_Kind } from '@credential-renewal/proto/events/v1/credential';
import {
  type DescribeCredentialUsesResponse,
  Recipient_Why,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { expect, test } from 'vitest';
import { chosenAfter, defaultPreferences, hasComplained } from '../preferences/preferences.ts';
import type { MakeEmptyStores } from '../testing/empty-stores.ts';
import { createFakeHandover } from '../testing/fake-handover.ts';
import {
  ann,
  describe,
  makeEvent,
  makeHealthy,
  makeState,
  sourceUse,
} from '../testing/fixtures.ts';
import { startLoop } from '../testing/start-loop.ts';
import type { DeliveryReport } from '../transports/delivery-report.ts';

const dayMs = 86_400_000;
const bob = { ...ann, userId: 'user-bob', name: 'Bob', email: 'bob@example.com' };
const admin = {
  ...{ userId: 'user-admin', name: 'Alma', email: 'alma@example.com' },
  why: Recipient_Why.ADMINISTRATOR,
};

/** Bob's credentials begin with `bob`; all others are Ann's. */
const usesOf = (credentialId: string): DescribeCredentialUsesResponse =>
  describe(
    sourceUse(`source-of-${credentialId}`, [credentialId.startsWith('bob') ? bob : ann], {
      administrators: [admin],
    }),
  );

const death = (credentialId: string) =>
  makeEvent(makeState({ credentialId, episodeId: `episode-of-${credentialId}` }));

/** What a person who marks a mail as unwanted gets from then on, on any engine. */
export function complaintsContract(makeEmpty: MakeEmptyStores): void {
  async function start() {
    const fake = createFakeHandover({ reports: true });
    const loop = await startLoop(usesOf, { makeEmpty, handover: fake.handover });
    const person = { accountId: 'account-1', userId: 'user-ann' };
    const report = (kind: DeliveryReport['kind'], reportId: string, atMs: number) =>
      loop.applyReports({
        ...{ reportId, kind, atMs, text: 'marked as spam by its recipient' },
        mailId: fake.taken.findLast(({ to }) => to.address === ann.email)?.id ?? '',
      });
    const preferences = async () => (await loop.preferences.get(person)) ?? defaultPreferences;
    const choose = (reminders: boolean) =>
      loop.preferences.update(person, (now) =>
        chosenAfter(now ?? defaultPreferences, { timing: 'immediate', reminders }),
      );
    const sentTo = (address: string) =>
      fake.taken.filter(({ to }) => to.address === address).map(({ kind }) => kind);
    return { loop, report, preferences, choose, sentTo };
  }

  test('a complaint ends reminders and what else is not needed, and the next expiry is mailed all the same', async () => {
    const { loop, report, preferences, sentTo } = await start();
    for (const id of ['one', 'two', 'bob']) await loop.handle(death(id));
    await loop.send();
    await report('complained', 'r-1', 1_000);
    expect(await preferences()).toEqual({
      ...{ timing: 'immediate', reminders: false, complaint: { atMs: 1_000 } },
    });
    await loop.reopen();

    await loop.handle(makeEvent(makeHealthy(Actor_Kind.SYSTEM, { credentialId: 'two' })));
    loop.clock.advance(8 * dayMs);
    await loop.send();
    expect(sentTo(ann.email)).toEqual(['expired', 'expired']);
    // Days were passed over, so that of the others a digest is left.
    expect(sentTo(bob.email)).toEqual(['expired', 'reminder']);
    const told = await loop.store.listOfEpisode('episode-of-one', 'user-ann');
    const reminders = told.filter(({ kind }) => kind === 'reminder');
    expect(reminders.map(({ state, explanation }) => [state, explanation?.code])).toEqual(
      Array(3).fill(['cancelled', 'unwanted']),
    );

    await loop.handle(death('three'));
    await loop.send();
    expect(sentTo(ann.email)).toEqual(['expired', 'expired', 'expired']);
    expect(await loop.store.listOfEpisode('episode-of-three', 'user-ann')).toHaveLength(1);
  });

  test('where the provider drops that mail because of the complaint, an administrator is told instead', async () => {
    const { loop, report, sentTo } = await start();
    await loop.handle(death('one'));
    await loop.send();
    await report('complained', 'r-1', 1_000);
    await loop.tellAdministrators();
    await loop.send();
    expect(sentTo(admin.email)).toEqual([]);

    await loop.handle(death('two'));
    await loop.send();
    await report('dropped', 'r-2', 2_000);
    await loop.tellAdministrators();
    await loop.send();
    expect(sentTo(admin.email)).toEqual(['escalation']);
  });

  test('who chooses reminders again gets everything again, whatever is repeated of the old complaint', async () => {
    const { loop, report, preferences, choose } = await start();
    await loop.handle(death('one'));
    await loop.send();
    await report('complained', 'r-1', 1_000);
    await choose(false);
    expect(hasComplained(await preferences())).toBe(true);
    await choose(true);
    await report('complained', 'r-1', 1_000);
    await report('complained', 'r-1-with-another-id', 1_000);
    expect(hasComplained(await preferences())).toBe(false);
    expect((await preferences()).reminders).toBe(true);
    await report('complained', 'r-2', 2_000);
    expect(await preferences()).toMatchObject({ reminders: false, complaint: { atMs: 2_000 } });
  });
}
