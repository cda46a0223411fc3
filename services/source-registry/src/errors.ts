import { DomainError } from '@credential-renewal/runtime';

export class UserNotFoundError extends DomainError {
  constructor(id: string) {
    super('not_found', 'USER_NOT_FOUND', `There is no user ${id}.`);
  }
}

export class UserLeftError extends DomainError {
  constructor(id: string) {
    super('permission_denied', 'USER_LEFT', `User ${id} has left the account.`);
  }
}

/** An administrator cannot say of themselves that they have left, or an account could be left without any. */
export class UserIsCallerError extends DomainError {
  constructor() {
    super(
      'failed_precondition',
      'USER_IS_CALLER',
      'You cannot mark yourself as having left; another administrator can.',
    );
  }
}

export class AdministratorRequiredError extends DomainError {
  constructor(what: string) {
    super('permission_denied', 'ADMINISTRATOR_REQUIRED', `Only an administrator may ${what}.`);
  }
}

export class WorkspaceNotFoundError extends DomainError {
  constructor(id: string) {
    super('not_found', 'WORKSPACE_NOT_FOUND', `There is no workspace ${id}.`);
  }
}

export class SourceNotFoundError extends DomainError {
  constructor(id: string) {
    super('not_found', 'SOURCE_NOT_FOUND', `There is no source ${id}.`);
  }
}

export class ConnectionNotFoundError extends DomainError {
  constructor(id: string) {
    super('not_found', 'CONNECTION_NOT_FOUND', `There is no authorized connection ${id}.`);
  }
}

/** They see it, and somebody else has to renew it. */
export class RenewalForbiddenError extends DomainError {
  constructor(name: string, renewers: readonly string[]) {
    const who = renewers.length > 0 ? renewers.join(', ') : 'nobody at present';
    super(
      'permission_denied',
      'RENEWAL_FORBIDDEN',
      `You may not renew "${name}"; who may: ${who}.`,
    );
  }
}

export class DeletionForbiddenError extends DomainError {
  constructor(name: string) {
    super('permission_denied', 'DELETION_FORBIDDEN', `You may not delete "${name}".`);
  }
}

export class SharingForbiddenError extends DomainError {
  constructor(name: string) {
    super('permission_denied', 'SHARING_FORBIDDEN', `Only the owner of "${name}" may share it.`);
  }
}

export class TakeOverForbiddenError extends DomainError {
  constructor(name: string) {
    super(
      'permission_denied',
      'TAKE_OVER_FORBIDDEN',
      `Only an administrator of its workspace may take over "${name}", and only after its creator has left.`,
    );
  }
}

export class ConnectionInUseError extends DomainError {
  constructor(name: string) {
    super(
      'failed_precondition',
      'CONNECTION_IN_USE',
      `Sources use "${name}"; delete them first, then the connection.`,
    );
  }
}

export class ConnectionPendingError extends DomainError {
  constructor(name: string) {
    super(
      'failed_precondition',
      'CONNECTION_PENDING',
      `The first authorization of "${name}" is not finished yet.`,
    );
  }
}

export class ConnectionMismatchedError extends DomainError {
  constructor(name: string, connectorName: string) {
    super(
      'failed_precondition',
      'CONNECTION_MISMATCHED',
      `"${name}" is a connection of another connector than ${connectorName}.`,
    );
  }
}

export class UseAlreadyAuthorizedError extends DomainError {
  constructor(name: string) {
    super(
      'failed_precondition',
      'USE_ALREADY_AUTHORIZED',
      `"${name}" is authorized already; renew it instead.`,
    );
  }
}

/** Only what was marked `deleting` can be completed. */
export class UseNotDeletingError extends DomainError {
  constructor(id: string) {
    super('failed_precondition', 'USE_NOT_DELETING', `${id} has not been deleted by anybody.`);
  }
}

export class DrillNotFoundError extends DomainError {
  constructor(id: string) {
    super('not_found', 'DRILL_NOT_FOUND', `There is no drill ${id}.`);
  }
}

export class DrillRunningError extends DomainError {
  constructor(name: string) {
    super('failed_precondition', 'DRILL_RUNNING', `A drill of "${name}" is running already.`);
  }
}

/** Never authorized, or expired for real. */
export class DrillNeedsWorkingCredentialError extends DomainError {
  constructor(name: string) {
    super(
      'failed_precondition',
      'DRILL_NEEDS_WORKING_CREDENTIAL',
      `The credentials of "${name}" do not work now, so there is no expiry to rehearse.`,
    );
  }
}

export class DrillWithoutRecipientsError extends DomainError {
  constructor(name: string) {
    super(
      'failed_precondition',
      'DRILL_WITHOUT_RECIPIENTS',
      `Nobody would be told of an expiry of "${name}".`,
    );
  }
}

export class DrillNotForCallerError extends DomainError {
  constructor() {
    super(
      'permission_denied',
      'DRILL_NOT_FOR_CALLER',
      'Only those who were told of a drill react to it.',
    );
  }
}

export class DrillOverError extends DomainError {
  constructor() {
    super('failed_precondition', 'DRILL_OVER', 'This drill is over. Nothing had expired.');
  }
}

/** Too many at once changed the same document. */
export class ChangeContendedError extends DomainError {
  constructor(id: string) {
    super('aborted', 'CHANGE_CONTENDED', `Too many changes of ${id} at the same time; try again.`);
  }
}
