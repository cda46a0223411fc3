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
