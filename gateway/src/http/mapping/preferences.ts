import {
  MailTiming,
  type Preferences,
} from '@credential-renewal/proto/notification/v1/preferences';
import type { MailTiming as HttpMailTiming, NotificationPreferences } from '../schemas/index.ts';

const timings: Record<HttpMailTiming, MailTiming> = {
  immediate: MailTiming.IMMEDIATE,
  daily_digest: MailTiming.DAILY_DIGEST,
  in_app_only: MailTiming.IN_APP_ONLY,
};

export function toPreferences({ timing, reminders }: Preferences): NotificationPreferences {
  return { timing: toTiming(timing), reminders };
}

export function fromPreferences({ timing, reminders }: NotificationPreferences): Preferences {
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
