import type { Credential, RuleContext } from '../credential.ts';
import { CredentialRevokingError } from '../errors.ts';
import { declareDead, type VerdictHandling } from './verdict.ts';

export type RejectedTokenReport = { tokenHash: string; worker: string };

export type ReportEffect = 'ignored' | 'attempt_due' | 'expired';

/**
 * How long after a refresh (that a report caused) a second report still means "the fresh token is rejected too": a worker that
 * tries again at once needs seconds. Later, the token may have worked and died of a life that is shorter than the catalogue's,
 * which expires nobody (semantics 2); it is a new story and gets a new refresh.
 */
const freshTokenMs = 2 * 60_000;

/** A sync worker was refused with a token. Only a report about the stored access token changes anything. */
export function reportRejected(
  credential: Credential,
  report: RejectedTokenReport,
  verdict: { handling: VerdictHandling; maxRetryDelayMs: number },
  context: RuleContext,
): { credential: Credential; effect: ReportEffect } {
  if (credential.status === 'revoking') throw new CredentialRevokingError(credential.id);
  if (report.tokenHash !== credential.tokens.accessTokenHash || credential.status === 'expired') {
    return { credential, effect: 'ignored' };
  }
  if (isFresh(credential, context.nowMs)) {
    const refused = refuseAccess(credential, report, verdict, context);
    return {
      credential: refused,
      effect: refused.status === 'expired' ? 'expired' : 'attempt_due',
    };
  }
  const reported = { tokenHash: report.tokenHash, atMs: context.nowMs, worker: report.worker };
  const lastActor = { kind: 'worker', id: report.worker } as const;
  // While its verdict is held, only the canaries ask the provider.
  if (credential.held)
    return { credential: { ...credential, reported, lastActor }, effect: 'attempt_due' };
  // A reported token is of no use, so backing off from earlier trouble must not delay finding out.
  return {
    credential: { ...credential, reported, lastActor, nextAttemptAtMs: context.nowMs },
    effect: 'attempt_due',
  };
}

/** A refresh in the future was written by a clock that has been set back since: nobody knows how old it is. */
function isFresh({ refreshedAfterReportAtMs }: Credential, nowMs: number): boolean {
  if (refreshedAfterReportAtMs === undefined) return false;
  const ageMs = nowMs - refreshedAfterReportAtMs;
  return ageMs >= 0 && ageMs <= freshTokenMs;
}

/** The grant lives and the API still says no: the licence is gone, or the app is blocked (semantics 1). */
function refuseAccess(
  credential: Credential,
  report: RejectedTokenReport,
  verdict: { handling: VerdictHandling; maxRetryDelayMs: number },
  context: RuleContext,
): Credential {
  const evidence = {
    error: 'access_refused',
    description: `The API refused a freshly refreshed token (reported by ${report.worker}).`,
    httpStatus: 401,
    verdictClass: 'dead',
    seenAtMs: context.nowMs,
  } as const;
  const reason = { code: 'access_refused', resolver: 'user', evidence } as const;
  const lastActor = { kind: 'worker', id: report.worker } as const;
  const reported = { tokenHash: report.tokenHash, atMs: context.nowMs, worker: report.worker };
  // A probe of its own is answered with that (access-probe.ts).
  const asked = { ...credential, accessProbe: undefined };
  const refused = verdict.handling.kind === 'apply' ? asked : { ...asked, reported };
  return declareDead({ ...refused, lastActor }, reason, verdict, context);
}
