import {
  MailTiming,
  type Preferences,
} from '@credential-renewal/proto/notification/v1/preferences';
import type {
  MailTiming as HttpMailTiming,
  NotificationChoice,
  NotificationPreferences,
} from '../schemas/index.ts';

const timings: Record<HttpMailTiming, MailTiming> = {
  immediate: MailTiming.IMMEDIATE,
  daily_digest: MailTiming.DAILY_DIGEST,
  in_app_only: MailTiming.IN_APP_ONLY,
};

export function toPreferences(preferences: Preferences): NotificationPreferences {
  const { timing, reminders, complainedAt } = preferences;
  return {
    ...{ timing: toTiming(timing), reminders },
    complainedAt: complainedAt?.toISOString() ?? null,
  };
}

export function fromPreferences({ timing, reminders }: NotificationChoice): Preferences {
  return { timing: timings[timing], reminders };
}

function toTiming(timing: MailTiming): HttpMailTiming {
  switch (timing) {
    case MailTiming.IMMEDIATE:
    case MailTiming.UNSPECIFIED:
      return 'immediate';
    case MailTiming.DAILY_DIGEST:
      return 'daily_digest';
    case MailTiming.IN_APP_ONLY:
      return 'in_app_only';
    default:
      return timing satisfies never;
  }
}
