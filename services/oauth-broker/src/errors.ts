import { DomainError } from '@credential-renewal/runtime';

/** The catalogue cannot be used; the message names file and place of everything that is wrong, a line each. */
export class CatalogueInvalidError extends DomainError {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      'failed_precondition',
      'CATALOGUE_INVALID',
      `The catalogue is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

export class ConnectorNotFoundError extends DomainError {
  constructor(connectorId: string) {
    super('not_found', 'CONNECTOR_NOT_FOUND', `The catalogue has no connector ${connectorId}.`);
  }
}

export class AuthorizationNotFoundError extends DomainError {
  constructor() {
    super(
      'not_found',
      'AUTHORIZATION_NOT_FOUND',
      'There is no such authorization. It may have been replaced by a newer one.',
    );
  }
}

/** Another replica is finishing it, or its own callback still runs. */
export class AuthorizationTakenError extends DomainError {
  constructor() {
    super('aborted', 'AUTHORIZATION_TAKEN', 'This authorization is being finished elsewhere.');
  }
}

/** Another user or another browser began it. Whoever did can still finish. */
export class AuthorizationNotYoursError extends DomainError {
  constructor() {
    super(
      'permission_denied',
      'AUTHORIZATION_NOT_YOURS',
      'This authorization was begun by another user or in another browser.',
    );
  }
}

/** Used, cancelled or older than ten minutes: it can only be looked at. */
export class AuthorizationEndedError extends DomainError {
  constructor(what: string) {
    super(
      'failed_precondition',
      'AUTHORIZATION_ENDED',
      `This authorization ${what}. Start a new one.`,
    );
  }
}

export class ProviderUnavailableError extends DomainError {
  constructor(providerName: string, cause: unknown) {
    super(
      'unavailable',
      'PROVIDER_UNAVAILABLE',
      `${providerName} cannot be reached at the moment. Nothing was changed; try again shortly.`,
      { cause, retryAfterMs: 5_000 },
    );
  }
}

export class SourcePendingError extends DomainError {
  constructor() {
    super(
      'failed_precondition',
      'SOURCE_PENDING',
      'The source was never authorized; its creator has to finish that first.',
    );
  }
}

export class CredentialNotFoundError extends DomainError {
  constructor() {
    super('not_found', 'CREDENTIAL_NOT_FOUND', 'There is no such credential in this account.');
  }
}

export class CredentialExpiredError extends DomainError {
  constructor() {
    super(
      'failed_precondition',
      'CREDENTIAL_EXPIRED',
      'The credential is dead until somebody renews it.',
    );
  }
}

/** No token can be had right now, though the credential is not dead. */
export class TokenNotAvailableError extends DomainError {
  constructor(retryAfterMs: number, cause?: unknown) {
    super(
      'unavailable',
      'TOKEN_NOT_AVAILABLE',
      'No access token can be had at the moment; try again shortly.',
      { retryAfterMs, cause },
    );
  }
}
