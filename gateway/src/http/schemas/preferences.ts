import { type Static, Type } from 'typebox';
import { Nullable, Time } from './page.ts';

/** `immediate`: each expiry at once; `daily_digest`: everything that is open, once a day; `in_app_only`: no mail, the pages show it. */
export const MailTiming = Type.Union([
  Type.Literal('immediate'),
  Type.Literal('daily_digest'),
  Type.Literal('in_app_only'),
]);
export type MailTiming = Static<typeof MailTiming>;

const choice = { timing: MailTiming, reminders: Type.Boolean() };

/** How somebody wants to be told. `reminders`: mails again while a credential still waits for its renewal. */
export const NotificationChoice = Type.Object(choice, { additionalProperties: false });
export type NotificationChoice = Static<typeof NotificationChoice>;

/**
 * `complainedAt`: when they marked a mail of ours as spam; since then they get only the one mail of each expiry, until they choose reminders again.
 */
export const NotificationPreferences = Type.Object(
  { ...choice, complainedAt: Nullable(Time) },
  { additionalProperties: false },
);
export type NotificationPreferences = Static<typeof NotificationPreferences>;
