/** What a mail provider tells of one mail after it was handed over, in our words. */
export type DeliveryReport = {
  /** The provider's own id of this report (`sg_event_id`): the same on every repetition. */
  reportId: string;
  /** Ours, as it was handed over with the mail. */
  mailId: string;
  kind: 'accepted' | 'deferred' | 'delivered' | 'bounced' | 'dropped' | 'complained';
  atMs: number;
  /** The provider's words, for an administrator; may name no address. */
  text: string;
};
