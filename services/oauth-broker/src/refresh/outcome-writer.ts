import { setTimeout as wait } from 'node:timers/promises';
import type { CompleteAttemptRequest } from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import { backoffMs, DomainError, type Logger } from '@credential-renewal/runtime';
import type { AttemptRequest } from './refresher.ts';
import type { VaultCalls } from './vault-calls.ts';

export type Written =
  | { kind: 'written'; state: CredentialState | undefined; kept: Record<string, string> }
  | { kind: 'overtaken' };

export type OutcomeWriter = {
  write(purpose: AttemptRequest['purpose'], request: CompleteAttemptRequest): Promise<Written>;
};

/**
 * Hands an attempt's outcome to the vault, again and again while the vault does not take it: after a rotation this process
 * may hold the only living refresh token (semantics 8). Only a definite "overtaken" ends it, or `giveUp` at the end of the
 * drain. The vault compares the token that was sent, so a repeated write does nothing twice.
 */
export function createOutcomeWriter(deps: {
  calls: VaultCalls;
  logger: Logger;
  random: () => number;
  giveUp: AbortSignal;
}): OutcomeWriter {
  return {
    async write(purpose, request) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          const { state, kept } = await deps.calls(purpose).completeAttempt(request);
          return { kind: 'written', state, kept };
        } catch (err) {
          if (isOvertaken(err)) return { kind: 'overtaken' };
          const about = { err, credential_id: request.credentialId, attempt };
          if (deps.giveUp.aborted || isRefused(err)) {
            deps.logger.error(about, 'the outcome of an attempt could not be stored');
            throw err;
          }
          deps.logger.warn(about, 'the outcome of an attempt is not stored yet; it is tried again');
        }
        const pauseMs = backoffMs(attempt, { baseMs: 100, maxMs: 5_000, random: deps.random });
        await wait(pauseMs, undefined, { signal: deps.giveUp }).catch(() => undefined);
      }
    },
  };
}

function isOvertaken(error: unknown): boolean {
  return (
    error instanceof DomainError &&
    (error.code === 'ATTEMPT_SUPERSEDED' || error.code === 'CREDENTIAL_NOT_FOUND')
  );
}

/** The request itself is wrong: the vault would say so for ever. */
function isRefused(error: unknown): boolean {
  return error instanceof DomainError && error.kind === 'invalid_argument';
}
