import { DomainError } from '@credential-renewal/runtime';

export class MailNotFoundError extends DomainError {
  constructor() {
    super('not_found', 'MAIL_NOT_FOUND', 'There is no such mail in the mailbox.');
  }
}

/** A change was asked of a notification that the store does not know: a bug, not bad input. */
export class NotificationNotFoundError extends DomainError {
  constructor(id: string) {
    super('not_found', 'NOTIFICATION_NOT_FOUND', `There is no notification ${id}.`);
  }
}

export class UnsubscribeTokenUnknownError extends DomainError {
  constructor() {
    super(
      'not_found',
      'UNSUBSCRIBE_TOKEN_UNKNOWN',
      'This link is not one that we have sent. Please use the link of the newest mail.',
    );
  }
}

/** The key of the links in reminders cannot be used. */
export class UnsubscribeKeyUnfitError extends DomainError {
  constructor(path: string, problem: string) {
    super(
      'internal',
      'UNSUBSCRIBE_KEY_UNFIT',
      `UNSUBSCRIBE_KEY_FILE ${path} ${problem}. Nothing was changed.`,
    );
  }
}
