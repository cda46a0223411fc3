/** What a mail provider tells of one mail after it was handed over, in our words. */
export type DeliveryReport = {
  /**
   * The provider's own id of this report (`sg_event_id`), which is to be the same on every repetition. Users of SendGrid have seen it differ
   * (sendgrid-nodejs issue 1435), so a repetition that goes unnoticed must change nothing either.
   */
  reportId: string;
  /** Ours, as it was handed over with the mail. */
  mailId: string;
  kind: 'accepted' | 'deferred' | 'delivered' | 'bounced' | 'dropped' | 'complained';
  atMs: number;
  /** The provider's words, for an administrator; may name no address. */
  text: string;
};
