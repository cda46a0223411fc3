import { type Static, Type } from 'typebox';

/** `immediate`: each expiry at once; `daily_digest`: everything that is open, once a day; `in_app_only`: no mail, the pages show it. */
export const MailTiming = Type.Union([
  Type.Literal('immediate'),
  Type.Literal('daily_digest'),
  Type.Literal('in_app_only'),
]);
export type MailTiming = Static<typeof MailTiming>;

/** How somebody wants to be told. `reminders`: mails again while a credential still waits for its renewal. */
export const NotificationPreferences = Type.Object(
  { timing: MailTiming, reminders: Type.Boolean() },
  { additionalProperties: false },
);
export type NotificationPreferences = Static<typeof NotificationPreferences>;
