import { DomainError } from '@credential-renewal/runtime';

export class CredentialNotFoundError extends DomainError {
  constructor(credentialId: string) {
    super('not_found', 'CREDENTIAL_NOT_FOUND', `There is no credential ${credentialId}.`);
  }
}

export class CredentialExpiredError extends DomainError {
  constructor(credentialId: string, reasonText: string) {
    super(
      'failed_precondition',
      'CREDENTIAL_EXPIRED',
      `Credential ${credentialId} must be renewed: ${reasonText}`,
    );
  }
}

export class CredentialRevokingError extends DomainError {
  constructor(credentialId: string) {
    super(
      'failed_precondition',
      'CREDENTIAL_REVOKING',
      `Credential ${credentialId} has been disconnected.`,
    );
  }
}

/** Something was authorized with the credential since the caller saw its last use go. */
export class CredentialInUseError extends DomainError {
  constructor(credentialId: string) {
    super(
      'aborted',
      'CREDENTIAL_IN_USE',
      `Credential ${credentialId} has changed since; look again whether it is used.`,
    );
  }
}

/** The token that was sent is not the stored one any more, or somebody else has taken the attempt over. */
export class AttemptSupersededError extends DomainError {
  constructor(credentialId: string) {
    super(
      'failed_precondition',
      'ATTEMPT_SUPERSEDED',
      `Another attempt or a renewal has overtaken this one on credential ${credentialId}; its outcome was not stored.`,
    );
  }
}

export class CandidateNotFoundError extends DomainError {
  constructor(transactionId: string) {
    super(
      'not_found',
      'CANDIDATE_NOT_FOUND',
      `There are no tokens waiting for transaction ${transactionId}.`,
    );
  }
}

/** Stored tokens are there, and the key that opens them is not. */
export class KeyMissingError extends DomainError {
  constructor(path: string) {
    super(
      'internal',
      'KEY_MISSING',
      `The key file ${path} is missing, but the vault holds tokens encrypted with it. Restore the file from a backup; nothing was changed.`,
    );
  }
}

export class KeyMismatchError extends DomainError {
  constructor(path: string) {
    super(
      'internal',
      'KEY_MISMATCH',
      `The key in ${path} does not open this vault's data keys. Restore the key that belongs to it; nothing was changed.`,
    );
  }
}

export class KeyFileInvalidError extends DomainError {
  constructor(path: string, problem: string) {
    super('internal', 'KEY_FILE_INVALID', `The key file ${path} cannot be used: ${problem}`);
  }
}

/** A stored token does not belong to the record it was found in, or was changed. */
export class TokenUndecryptableError extends DomainError {
  constructor(credentialId: string, cause: unknown) {
    super(
      'internal',
      'TOKEN_UNDECRYPTABLE',
      `A stored token of ${credentialId} cannot be decrypted: it was changed, or copied from another record.`,
      { cause },
    );
  }
}
