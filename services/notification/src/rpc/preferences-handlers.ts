import type { NotificationPreferencesServiceService } from '@credential-renewal/proto/notification/v1/preferences';
import { checkInput, type RpcHandlers } from '@credential-renewal/rpc';
import { UnsubscribeTokenUnknownError } from '../errors.ts';
import { chosenAfter, defaultPreferences } from '../preferences/preferences.ts';
import type { UnsubscribeTokens } from '../preferences/unsubscribe-token.ts';
import type { Person, PreferencesStore } from '../store/preferences-store.ts';
import { fromPreferencesMessage, toPreferencesMessage } from './preferences-message.ts';

type Handlers = RpcHandlers<typeof NotificationPreferencesServiceService>;

export type PreferencesDeps = {
  preferences: PreferencesStore;
  /** Absent: no mail carries a link, so no token is known. */
  tokens: UnsubscribeTokens | undefined;
};

/** Errors: INPUT_INVALID. */
export function createGetPreferences({ preferences }: PreferencesDeps): Handlers['getPreferences'] {
  return async (request) => {
    const chosen = (await preferences.get(checkPerson(request))) ?? defaultPreferences;
    return { preferences: toPreferencesMessage(chosen) };
  };
}

/** Errors: INPUT_INVALID. */
export function createSetPreferences({ preferences }: PreferencesDeps): Handlers['setPreferences'] {
  return async (request) => {
    const person = checkPerson(request);
    const chosen = fromPreferencesMessage(request.preferences);
    const stored = await preferences.update(person, (now) =>
      chosenAfter(now ?? defaultPreferences, chosen),
    );
    return { preferences: toPreferencesMessage(stored) };
  };
}

/** Errors: UNSUBSCRIBE_TOKEN_UNKNOWN. */
export function createDescribeUnsubscribe({
  preferences,
  tokens,
}: PreferencesDeps): Handlers['describeUnsubscribe'] {
  return async ({ token }) => {
    const person = tokens?.read(token);
    if (!person) throw new UnsubscribeTokenUnknownError();
    const { reminders } = (await preferences.get(person)) ?? defaultPreferences;
    return { maskedAddress: person.maskedAddress, alreadyOff: !reminders };
  };
}

/** Turns reminders off and touches nothing else. Errors: UNSUBSCRIBE_TOKEN_UNKNOWN. */
export function createUnsubscribe({
  preferences,
  tokens,
}: PreferencesDeps): Handlers['unsubscribe'] {
  return async ({ token }) => {
    const person = tokens?.read(token);
    if (!person) throw new UnsubscribeTokenUnknownError();
    await preferences.update(person, (now) => ({
      ...(now ?? defaultPreferences),
      reminders: false,
    }));
    return { maskedAddress: person.maskedAddress };
  };
}

function checkPerson({ accountId, userId }: Person): Person {
  checkInput((check) => {
    check.id('account_id', accountId);
    check.id('user_id', userId);
  });
  return { accountId, userId };
}
