import { DomainError } from '@credential-renewal/runtime';
import type { HoldDecision } from './rules/outage-breaker.ts';

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

/** There never was one, or it was so long ago that its decision is forgotten. */
export class HoldNotFoundError extends DomainError {
  constructor(holdId: string) {
    super('not_found', 'HOLD_NOT_FOUND', `There is no hold ${holdId}.`);
  }
}

/** Canaries, time or another person decided it otherwise. */
export class HoldEndedError extends DomainError {
  constructor(holdId: string, { end, atMs, by }: HoldDecision) {
    const decidedBy = by ? ` by ${by.who} (${by.why})` : '';
    super(
      'failed_precondition',
      'HOLD_ENDED',
      `Hold ${holdId} was ${end} at ${new Date(atMs).toISOString()}${decidedBy}; nothing was changed.`,
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

/** What is wrong with a stored token; the name of the reason in `credential_vault_decrypt_failures_total`. */
export type UnreadableReason = 'malformed' | 'moved' | 'tampered' | 'unknown_key';

/** A stored token cannot be opened. Nothing is done to the record; a renewal by a person replaces its tokens. */
export class TokenUnreadableError extends DomainError {
  readonly reason: UnreadableReason;
  constructor(reason: UnreadableReason, code: string, message: string, cause?: unknown) {
    super('internal', code, message, { cause });
    this.reason = reason;
  }
}

export class TokenMalformedError extends TokenUnreadableError {
  constructor(recordId: string, problem: string) {
    super(
      'malformed',
      'TOKEN_MALFORMED',
      `A stored token of ${recordId} cannot be read: ${problem}.`,
    );
  }
}

export class TokenMovedError extends TokenUnreadableError {
  constructor(recordId: string, cause: unknown) {
    super(
      'moved',
      'TOKEN_MOVED',
      `A stored token of ${recordId} was written for another record, account or field.`,
      cause,
    );
  }
}

export class TokenTamperedError extends TokenUnreadableError {
  constructor(recordId: string, cause: unknown) {
    super(
      'tampered',
      'TOKEN_TAMPERED',
      `A stored token of ${recordId} was changed or cut short since it was written.`,
      cause,
    );
  }
}

export class DataKeyUnknownError extends TokenUnreadableError {
  constructor(recordId: string, kid: string) {
    super(
      'unknown_key',
      'DATA_KEY_UNKNOWN',
      `A stored token of ${recordId} is encrypted with data key ${kid}, which this vault does not have.`,
    );
  }
}

/** Nothing may be encrypted: with a key that is on its way out, it could not be read again. */
export class DataKeysUnavailableError extends DomainError {
  constructor(problem: string) {
    super('unavailable', 'DATA_KEYS_UNAVAILABLE', `No token can be encrypted: ${problem}.`);
  }
}

/** Stored tokens are there, and the key that opens them is not. */
export class KeyMissingError extends DomainError {
  constructor(place: string, cause?: unknown) {
    super(
      'internal',
      'KEY_MISSING',
      `${place} is missing, but the vault holds tokens encrypted with it. Restore it from a backup, or correct KEY_ENCRYPTION_KEY_URL; nothing was changed.`,
      { cause },
    );
  }
}

export class KeyMismatchError extends DomainError {
  constructor(place: string, kid: string, cause?: unknown) {
    super(
      'internal',
      'KEY_MISMATCH',
      `${place} does not open data key ${kid} of this vault. Restore the key that belongs to it, or correct KEY_ENCRYPTION_KEY_URL; nothing was changed.`,
      { cause },
    );
  }
}

export class KeyFileInvalidError extends DomainError {
  constructor(path: string, problem: string) {
    super('internal', 'KEY_FILE_INVALID', `The key file ${path} cannot be used: ${problem}`);
  }
}

/** The key service does not do what we have to ask it for. */
export class KeyServiceRefusedError extends DomainError {
  constructor(place: string, problem: string) {
    super('failed_precondition', 'KEY_SERVICE_REFUSED', `${place} refuses us: ${problem}`);
  }
}

/** The key service does not answer, or cannot work at the moment. */
export class KeyServiceUnavailableError extends DomainError {
  constructor(place: string, problem: string, cause?: unknown) {
    super('unavailable', 'KEY_SERVICE_UNAVAILABLE', `${place} cannot be used: ${problem}.`, {
      cause,
    });
  }
}
