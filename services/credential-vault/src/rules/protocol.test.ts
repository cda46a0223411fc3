import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attemptTokenHash, type Credential } from '../credential.ts';
import {
  applied,
  contextAt,
  minuteMs,
  sampleCandidate,
  sampleCredential,
  samplePolicy,
  sampleTokens,
  startMs,
} from '../testing/sample.ts';
import { tokenHash } from '../token-hash.ts';
import { type Attempt, acceptFailure, acceptTokens } from './attempt.ts';
import type { Failure } from './expiry.ts';
import { acquireLease } from './lease.ts';
import type { OutageEnd } from './outage-breaker.ts';
import { installCandidate } from './renewal.ts';
import { reportRejected } from './report.ts';
import { settleHeld, type VerdictHandling } from './verdict.ts';

const leaseMs = 25_000;
const httpTimeoutMs = 10_000;
const graceMs = samplePolicy.rotationGraceMs;

/** A provider with single-use refresh tokens: the spent one works for a while, and after that its use ends the grant. */
type Provider = {
  grants: number;
  current: string;
  spent: { token: string; atMs: number } | undefined;
  alive: boolean;
};

/** A holder between its lease and its word to the vault; `answer` is set once the provider has spoken. */
type Holder = {
  attempt: Attempt;
  sent: string;
  /** Which grant the token belongs to: a renewal begins another one. */
  grant: number;
  leasedAtMs: number;
  answer: { kind: 'tokens'; name: string } | { kind: 'refused' } | undefined;
  lost: boolean;
};

type World = {
  nowMs: number;
  credential: Credential;
  provider: Provider;
  holders: Holder[];
  withdrawn: boolean;
  minted: number;
  /** The newest token of the grant when it ended, or now. */
  lastLiving: string;
  /** Whether an answer with new tokens never reached the vault. */
  rotationLost: boolean;
  handling: VerdictHandling;
};

type Step =
  | { kind: 'lease'; owner: string }
  | { kind: 'ask'; holder: number; lose: boolean }
  | { kind: 'tell'; holder: number }
  | { kind: 'crash'; holder: number }
  | { kind: 'pass'; ms: number }
  | { kind: 'report' }
  | { kind: 'withdraw' }
  /** Verdicts are held from now on, or count again; and those that are held are decided. */
  | { kind: 'suspect'; holds: boolean }
  | { kind: 'settle'; end: OutageEnd }
  | { kind: 'renew' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('lease' as const),
      owner: fc.constantFrom('one', 'two', 'three'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      holder: fc.nat(3),
      lose: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('tell' as const), holder: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), holder: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1_000, 10_000, leaseMs, 60 * minuteMs),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'report' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'withdraw' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('suspect' as const), holds: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      end: fc.constantFrom('released' as const, 'confirmed' as const, 'ended' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'renew' as const }) },
);

const refreshName = (token: string) => tokenHash(`refresh-${token}`);

function begin(): World {
  return {
    nowMs: startMs,
    credential: sampleCredential(),
    provider: { grants: 1, current: 'first', spent: undefined, alive: true },
    holders: [],
    withdrawn: false,
    minted: 0,
    lastLiving: 'first',
    rotationLost: false,
    handling: applied.handling,
  };
}

function take(world: World, step: Step): void {
  switch (step.kind) {
    case 'pass':
      world.nowMs += step.ms;
      return;
    case 'withdraw':
      world.withdrawn = true;
      world.provider.alive = false;
      return;
    case 'suspect':
      world.handling = step.holds
        ? { kind: 'hold', untilMs: world.nowMs + 60 * minuteMs }
        : applied.handling;
      return;
    case 'settle':
      world.credential =
        settleHeld(world.credential, step.end, contextAt(world.nowMs)) ?? world.credential;
      return;
    case 'crash':
      world.holders.splice(step.holder, 1);
      return;
    case 'lease':
      takeLease(world, step.owner);
      return;
    case 'ask':
      ask(world, world.holders[step.holder], step.lose);
      return;
    case 'tell':
      tell(world, step.holder);
      return;
    case 'report': {
      const report = { tokenHash: world.credential.tokens.accessTokenHash, worker: 'sync' };
      // One report only ever asks for an attempt; access_refused is another story (report.test.ts).
      if (world.credential.refreshedAfterReportAtMs !== undefined) return;
      world.credential = reportRejected(
        world.credential,
        report,
        { ...applied, handling: world.handling },
        contextAt(world.nowMs),
      ).credential;
      return;
    }
    case 'renew':
      renew(world);
      return;
    default:
      step satisfies never;
  }
}

function takeLease(world: World, owner: string): void {
  if (world.credential.status === 'expired') return;
  const answer = acquireLease(world.credential, {
    purpose: 'on_demand',
    owner,
    ttlMs: leaseMs,
    minimumRemainingLifeMs: minuteMs,
    nowMs: world.nowMs,
  });
  if (answer.kind !== 'granted') return;
  const sentTokenHash = attemptTokenHash(world.credential);
  world.credential = answer.credential;
  const attempt = { owner, fence: answer.credential.fence, sentTokenHash, policy: samplePolicy };
  world.holders.push({
    attempt,
    sent: sentTokenHash,
    grant: world.provider.grants,
    leasedAtMs: world.nowMs,
    answer: undefined,
    lost: false,
  });
}

/** The provider's side of one token request; `lose`: its answer never arrives. */
function ask(world: World, holder: Holder | undefined, lose: boolean): void {
  if (!holder || holder.answer || holder.lost) return;
  // The broker sends nothing that its lease would not outlive; what was sent may be answered at any time.
  if (world.nowMs - holder.leasedAtMs > leaseMs - httpTimeoutMs) return;
  const { provider, nowMs } = world;
  const isCurrent = provider.alive && holder.sent === refreshName(provider.current);
  const inGrace =
    provider.alive &&
    provider.spent !== undefined &&
    holder.sent === refreshName(provider.spent.token) &&
    nowMs - provider.spent.atMs < graceMs;
  if (isCurrent || inGrace) {
    const name = `minted-${++world.minted}`;
    if (isCurrent) provider.spent = { token: provider.current, atMs: nowMs };
    provider.current = name;
    world.lastLiving = name;
    holder.answer = { kind: 'tokens', name };
  } else {
    // Reuse of a spent token ends the whole grant that it belongs to.
    if (holder.grant === provider.grants) provider.alive = false;
    holder.answer = { kind: 'refused' };
  }
  if (lose) {
    if (holder.answer.kind === 'tokens') world.rotationLost = true;
    holder.answer = undefined;
    holder.lost = true;
  }
}

function tell(world: World, index: number): void {
  const holder = world.holders[index];
  if (!holder || !(holder.answer || holder.lost)) return;
  world.holders.splice(index, 1);
  const context = contextAt(world.nowMs);
  const rules = {
    confirmRefusalAfterMs: minuteMs,
    maxRetryDelayMs: 5_000,
    elsewhere: { worked: 0, refused: 0 },
    handling: world.handling,
  };
  const failure: Failure = {
    kind: holder.lost ? 'transient' : 'grant_refused',
    error: holder.lost ? 'timeout' : 'invalid_grant',
    description: '',
    httpStatus: holder.lost ? 0 : 400,
    retryAfterMs: undefined,
    answerLost: holder.lost,
    reasonCode: 'access_withdrawn',
  };
  try {
    world.credential =
      holder.answer?.kind === 'tokens'
        ? acceptTokens(
            world.credential,
            holder.attempt,
            { tokens: sampleTokens(holder.answer.name, world.nowMs), grantedScopes: undefined },
            context,
          )
        : acceptFailure(world.credential, holder.attempt, failure, rules, context);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ATTEMPT_SUPERSEDED') throw error;
    if (holder.answer?.kind === 'tokens') world.rotationLost = true;
  }
}

function renew(world: World): void {
  const name = `minted-${++world.minted}`;
  const candidate = sampleCandidate({
    transactionId: name,
    tokens: sampleTokens(name, world.nowMs),
  });
  const answer = installCandidate(world.credential, candidate, contextAt(world.nowMs));
  if (answer.kind !== 'installed') throw new Error(answer.kind);
  world.credential = answer.credential;
  world.provider = {
    grants: world.provider.grants + 1,
    current: name,
    spent: undefined,
    alive: true,
  };
  world.withdrawn = false;
  world.lastLiving = name;
  world.rotationLost = false;
}

test('in any interleaving of leases, lost answers, crashes, pauses, reports and renewals, the vault tells the truth', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60, size: 'max' }), (taken) => {
      const world = begin();
      let fence = world.credential.fence;
      for (const step of taken) {
        const before = world.credential;
        take(world, step);
        const { credential, nowMs } = world;
        expect(credential.fence).toBeGreaterThanOrEqual(fence);
        fence = credential.fence;
        // Dead exactly while an episode is open, and an open episode never changes its id.
        expect(credential.episode !== undefined).toBe(credential.status === 'expired');
        if (credential.held) expect(credential.status).toBe('delayed');
        if (before.episode && credential.episode)
          expect(credential.episode).toEqual(before.episode);
        // Nobody is declared dead for a withdrawal that never happened: only the withdrawal or our own lost answer kills.
        if (credential.status === 'expired' && before.status !== 'expired') {
          expect(world.provider.alive).toBe(false);
          if (!world.withdrawn) {
            // Lost, crashed with, or still in the hands of a holder that was paused past its lease and the grace.
            const paused = world.holders.some(({ answer }) => answer?.kind === 'tokens');
            expect(world.rotationLost || paused || crashed(taken, step)).toBe(true);
            expect(
              [credential.tokens, credential.spare].map((tokens) => tokens?.refreshTokenHash),
            ).not.toContain(refreshName(world.lastLiving));
          }
          if (credential.reason?.code === 'access_withdrawn') expect(world.withdrawn).toBe(true);
        }
        // One lease at a time.
        if (
          credential.lease &&
          before.lease &&
          credential.lease !== before.lease &&
          credential.lease.fence !== before.lease.fence
        ) {
          expect(before.lease.expiresAtMs <= nowMs || step.kind === 'renew').toBe(true);
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

/** A holder that crashed after the provider's answer took the new token with it. */
function crashed(taken: readonly Step[], until: Step): boolean {
  return taken.slice(0, taken.indexOf(until)).some(({ kind }) => kind === 'crash');
}
