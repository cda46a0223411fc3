import type { Explanation } from '../notification.ts';

/** For an administrator who wonders why a mail did not arrive; the provider's own words at the end, where there are some. */
export const explanations: Record<Explanation['code'], (words: string) => string> = {
  address_missing: () => 'No mail address of this person is known.',
  address_unusable: () => 'The mail address of this person is not one that mail can be sent to.',
  refused: (words) => withWords('The mail was refused for good.', words),
  outcome_unknown: () =>
    'It was sent several times and nobody could tell whether it arrived. It is not sent again.',
  bounced: (words) => withWords('The mail did not reach the recipient.', words),
  complained: (words) => withWords('The recipient has marked the mail as unwanted.', words),
  over: () => 'There was nothing to tell any more when it was due.',
  in_app_only: () => 'This person has chosen to get no mails and to look at the pages.',
  reminders_off: () => 'This person has turned reminders off.',
  unwanted: () =>
    'This person has marked an earlier mail as unwanted, and gets only what is needed: one mail of each expiry.',
  unreachable: () => 'An earlier mail did not reach this person.',
};

function withWords(sentence: string, words: string): string {
  return words === '' ? sentence : `${sentence} The mail provider says: ${words}`;
}
