import {
  MailTiming,
  type Preferences as PreferencesMessage,
} from '@credential-renewal/proto/notification/v1/preferences';
import { InputInvalidError } from '@credential-renewal/runtime';
import { hasComplained, type Preferences } from '../preferences/preferences.ts';

export function toPreferencesMessage(preferences: Preferences): PreferencesMessage {
  const { timing, reminders, complaint } = preferences;
  return {
    ...{ timing: timingMessage(timing), reminders },
    complainedAt: complaint && hasComplained(preferences) ? new Date(complaint.atMs) : undefined,
  };
}

/** What somebody can choose. Throws INPUT_INVALID naming the field. */
export function fromPreferencesMessage(
  message: PreferencesMessage | undefined,
): Omit<Preferences, 'complaint'> {
  const timing = message && timingOf(message.timing);
  if (!message || !timing) {
    throw new InputInvalidError([
      { field: 'preferences.timing', description: 'must say when mails are wanted' },
    ]);
  }
  return { timing, reminders: message.reminders };
}

function timingMessage(timing: Preferences['timing']): MailTiming {
  switch (timing) {
    case 'immediate':
      return MailTiming.IMMEDIATE;
    case 'daily_digest':
      return MailTiming.DAILY_DIGEST;
    case 'in_app_only':
      return MailTiming.IN_APP_ONLY;
    default:
      return timing satisfies never;
  }
}

function timingOf(timing: MailTiming): Preferences['timing'] | undefined {
  switch (timing) {
    case MailTiming.IMMEDIATE:
      return 'immediate';
    case MailTiming.DAILY_DIGEST:
      return 'daily_digest';
    case MailTiming.IN_APP_ONLY:
      return 'in_app_only';
    case MailTiming.UNSPECIFIED:
      return undefined;
    default:
      // A number of a newer release.
      timing satisfies never;
      return undefined;
  }
}
