import { MailTiming } from '@credential-renewal/proto/notification/v1/preferences';
import { InputInvalidError } from '@credential-renewal/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { UnsubscribeTokenUnknownError } from '../errors.ts';
import { createUnsubscribeTokens } from '../preferences/unsubscribe-token.ts';
import { openNotificationDatabase } from '../store/sqlite-notification-database.ts';
import { createSqlitePreferencesStore } from '../store/sqlite-preferences-store.ts';
import {
  createDescribeUnsubscribe,
  createGetPreferences,
  createSetPreferences,
  createUnsubscribe,
} from './preferences-handlers.ts';

const context = { signal: new AbortController().signal };
const ann = { accountId: 'account-1', userId: 'user-ann' };

function start() {
  const database = openNotificationDatabase(':memory:');
  onTestFinished(() => database.close());
  const tokens = createUnsubscribeTokens(Buffer.alloc(32, 7));
  const deps = { preferences: createSqlitePreferencesStore(database), tokens };
  return {
    tokens,
    get: createGetPreferences(deps),
    set: createSetPreferences(deps),
    describe: createDescribeUnsubscribe(deps),
    unsubscribe: createUnsubscribe(deps),
    withoutKey: createUnsubscribe({ ...deps, tokens: undefined }),
  };
}

test('who never chose has mails at once, with reminders', async () => {
  const { get } = start();
  expect(await get(ann, context)).toEqual({
    preferences: { timing: MailTiming.IMMEDIATE, reminders: true },
  });
});

test.each([MailTiming.IMMEDIATE, MailTiming.DAILY_DIGEST, MailTiming.IN_APP_ONLY])(
  'the choice %s is kept',
  async (timing) => {
    const { get, set } = start();
    const preferences = { timing, reminders: false };
    expect(await set({ ...ann, preferences }, context)).toEqual({ preferences });
    expect(await get(ann, context)).toEqual({ preferences });
  },
);

test('a choice without a timing, and one of nobody, is refused naming the field', async () => {
  const { get, set } = start();
  const unspecified = { timing: MailTiming.UNSPECIFIED, reminders: true };
  for (const preferences of [
    undefined,
    unspecified,
    { ...unspecified, timing: 99 as MailTiming },
  ]) {
    const refusal = set({ ...ann, preferences }, context);
    await expect(refusal).rejects.toThrow('preferences.timing');
  }
  await expect(get({ ...ann, userId: '' }, context)).rejects.toThrow(InputInvalidError);
});

test('a token turns off the reminders of its person and changes nothing else, however often it is used', async () => {
  const { tokens, get, set, describe, unsubscribe } = start();
  const bob = { ...ann, userId: 'user-bob' };
  const timing = MailTiming.DAILY_DIGEST;
  await set({ ...ann, preferences: { timing, reminders: true } }, context);
  const token = tokens.make(ann, 'ann@example.com');
  const maskedAddress = 'a•••@e•••.com';
  expect(await describe({ token }, context)).toEqual({ maskedAddress, alreadyOff: false });
  for (let times = 0; times < 3; times++) {
    expect(await unsubscribe({ token }, context)).toEqual({ maskedAddress });
  }
  expect(await describe({ token }, context)).toEqual({ maskedAddress, alreadyOff: true });
  expect((await get(ann, context)).preferences).toEqual({ timing, reminders: false });
  expect((await get(bob, context)).preferences?.reminders).toBe(true);
});

test('a token that is not ours changes nothing, and without a key none is', async () => {
  const { tokens, get, describe, unsubscribe, withoutKey } = start();
  const foreign = createUnsubscribeTokens(Buffer.alloc(32, 8)).make(ann, 'ann@example.com');
  for (const token of ['', 'x', foreign]) {
    await expect(unsubscribe({ token }, context)).rejects.toThrow(UnsubscribeTokenUnknownError);
    await expect(describe({ token }, context)).rejects.toThrow(UnsubscribeTokenUnknownError);
  }
  const ours = tokens.make(ann, 'ann@example.com');
  await expect(withoutKey({ token: ours }, context)).rejects.toThrow(UnsubscribeTokenUnknownError);
  expect((await get(ann, context)).preferences?.reminders).toBe(true);
});
