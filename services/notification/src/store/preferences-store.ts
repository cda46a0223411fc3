import type { Preferences } from '../preferences/preferences.ts';

/** One person of one account. */
export type Person = { accountId: string; userId: string };

/** What people have chosen. Every change is one conditional change and survives a kill -9 once it has resolved; none is lost. */
export type PreferencesStore = {
  /** Undefined: they never chose. */
  get(person: Person): Promise<Preferences | undefined>;
  /** Resolves with what is stored afterwards. The transition is pure and may run more than once. */
  update(
    person: Person,
    transition: (now: Preferences | undefined) => Preferences,
  ): Promise<Preferences>;
};
