import { DomainError, InputInvalidError } from '@credential-renewal/runtime';

export class SessionRequiredError extends DomainError {
  constructor() {
    super('unauthenticated', 'SESSION_REQUIRED', 'Sign in, or send a bearer token.');
  }
}

/** The cookie is forged, sealed with another key, or past its time. */
export class SessionInvalidError extends DomainError {
  constructor(code: 'SESSION_INVALID' | 'USER_LEFT' = 'SESSION_INVALID') {
    super('unauthenticated', code, 'The session is over. Sign in again.');
  }
}

export class BearerTokenInvalidError extends DomainError {
  constructor(reason: string) {
    super('unauthenticated', 'BEARER_TOKEN_INVALID', `The bearer token is not accepted: ${reason}`);
  }
}

export class CrossSiteRequestError extends DomainError {
  constructor() {
    super(
      'permission_denied',
      'CROSS_SITE_REQUEST',
      'A change with the session cookie must come from a page of this site.',
    );
  }
}

export class ReturnTargetInvalidError extends InputInvalidError {
  constructor() {
    super([
      {
        field: 'return_to',
        description: 'must be a path of this site, or a URL of an origin that is allowed',
      },
    ]);
  }
}

export class ResourceNotFoundError extends DomainError {
  constructor() {
    super('not_found', 'RESOURCE_NOT_FOUND', 'There is nothing with this id.');
  }
}

export class WorkspaceNotFoundError extends DomainError {
  constructor() {
    super('not_found', 'WORKSPACE_NOT_FOUND', 'There is no such workspace.');
  }
}

export class AdministratorRequiredError extends DomainError {
  constructor(what: string) {
    super('permission_denied', 'ADMINISTRATOR_REQUIRED', `Only an administrator may ${what}.`);
  }
}

export class ConnectorNotFoundError extends DomainError {
  constructor() {
    super('not_found', 'CONNECTOR_NOT_FOUND', 'There is no such connector in the catalogue.', {
      violations: [{ field: 'connector_id', description: 'is not in the catalogue' }],
    });
  }
}

export class IdentityProviderUnavailableError extends DomainError {
  constructor(cause: unknown) {
    super(
      'unavailable',
      'IDENTITY_PROVIDER_UNAVAILABLE',
      'The identity provider does not answer. Try again in a moment.',
      { cause, retryAfterMs: 5_000 },
    );
  }
}

/** The identity provider refused, the person turned back, or the answer belongs to no sign-in of this browser. */
export class SignInFailedError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('invalid_argument', 'SIGN_IN_FAILED', message, { cause });
  }
}

export class IdentityClaimMissingError extends DomainError {
  constructor(claim: string) {
    super(
      'permission_denied',
      'IDENTITY_CLAIM_MISSING',
      `The identity provider did not say to which account you belong (claim "${claim}"). Ask your administrator.`,
    );
  }
}

export class UnsubscribeTokenUnknownError extends DomainError {
  constructor() {
    super(
      'not_found',
      'UNSUBSCRIBE_TOKEN_UNKNOWN',
      'This link is incomplete, or nobody is reminded through it any more. Nothing was changed. You can choose how you are told in the notification settings.',
    );
  }
}

export class UnsubscribeFormInvalidError extends DomainError {
  constructor() {
    super(
      'invalid_argument',
      'UNSUBSCRIBE_FORM_INVALID',
      'The body must be a form that says List-Unsubscribe=One-Click (RFC 8058). Nothing was changed.',
    );
  }
}

export class RequestRateExceededError extends DomainError {
  constructor(retryAfterMs: number) {
    super(
      'resource_exhausted',
      'REQUEST_RATE_EXCEEDED',
      'Too many requests at once. Try again in a moment.',
      { retryAfterMs },
    );
  }
}

/** The callback of a provider that does not belong to this browser: foreign, replayed, or too old. */
export class CallbackForeignError extends DomainError {
  constructor(message: string) {
    super('invalid_argument', 'CALLBACK_FOREIGN', message);
  }
}

export class CallbackSessionRequiredError extends DomainError {
  constructor() {
    super(
      'permission_denied',
      'CALLBACK_SESSION_REQUIRED',
      'You were signed out in the meantime. Sign in and start again; nothing was changed.',
    );
  }
}

export class SessionKeyUnfitError extends DomainError {
  constructor(path: string, problem: string) {
    super(
      'internal',
      'SESSION_KEY_UNFIT',
      `SESSION_KEY_FILE ${path} ${problem}. Nothing was changed.`,
    );
  }
}

export class ClientSecretUnreadableError extends DomainError {
  constructor(path: string, cause: unknown) {
    super(
      'internal',
      'CLIENT_SECRET_UNREADABLE',
      `OIDC_CLIENT_SECRET_FILE ${path} cannot be read or is empty.`,
      { cause },
    );
  }
}
