/**
 * The outage breaker (semantics 13): when credentials of several accounts die at once while next to nobody's is refreshed, the provider is broken,
 * or our client is, and not their grants. Verdicts are then held, per client of a provider, until it is clear which it was.
 *
 * Everything is counted in accounts, so that one customer who uninstalls, however large, is one.
 */
export type OutageSettings = {
  /** Fewer accounts than these are no outage. */
  minAccounts: number;
  /** Of the accounts that were heard of, how many must have died: 0 to 1. */
  ratio: number;
  /** How long a death is remembered. */
  windowMs: number;
  /** After that a hold ends by itself, and the verdicts count. */
  holdMs: number;
};

export type Death = {
  credentialId: string;
  accountId: string;
  atMs: number;
  /** Asking the provider again tells whether it was right. */
  canBeTried: boolean;
};

export type OutageEnd = 'released' | 'confirmed' | 'ended';

/** Who decided, where it was a person, and why, in that person's words. */
export type DecidedBy = { who: string; why: string };

/** How a hold ended. */
export type HoldDecision = {
  sinceMs: number;
  end: OutageEnd;
  atMs: number;
  by: DecidedBy | undefined;
};

/** Verdicts of this client are held. */
export type Hold = {
  sinceMs: number;
  untilMs: number;
  /** The accounts whose deaths began it. */
  accountIds: string[];
  /** Credentials that are tried again meanwhile: of different accounts, refused by the provider itself. */
  canaries: string[];
  /** Those whose verdicts counted before it was seen that there are many: tried again, should it have been an outage. */
  slipped: string[];
};

/** What is known of one client of a provider. */
export type OutageWatch = {
  providerId: string;
  clientId: string;
  /** The recent ones, oldest first, as far as they matter. */
  deaths: Death[];
  hold: Hold | undefined;
  /** How the last hold was decided, while its credentials are still being told of it. */
  settling: { end: OutageEnd; slipped: string[] } | undefined;
  /** Of earlier holds, the newest last. */
  decisions: HoldDecision[];
  /** Verdicts count without a question until then: that these grants are dead has just been found out the slow way. */
  trustedUntilMs: number;
};

/** More of one account say nothing new; these are kept to be tried again. */
const mostDeathsOfAccount = 50;
const mostDeaths = 300;
const mostCanaries = 5;
const mostDecisions = 20;
/** A canary that is refused once more this long after the beginning was refused by a provider that had time to recover. */
const confirmAfterMs = 2 * 60_000;

export function calmWatch(providerId: string, clientId: string): OutageWatch {
  return {
    ...{ providerId, clientId, deaths: [], hold: undefined, settling: undefined },
    ...{ decisions: [], trustedUntilMs: 0 },
  };
}

/** What happens to a verdict that would be about to count, as far as that is known without asking further. */
export type Standing =
  /** It counts, and says nothing of the provider. */
  | { kind: 'trusted' }
  /** It counts; it is to be noted, since others may follow. */
  | { kind: 'alone' }
  | { kind: 'hold'; untilMs: number }
  /** It may be one of many: it depends on whose credentials worked since this moment. */
  | { kind: 'suspicious'; sinceMs: number };

export function standingOf(watch: OutageWatch, death: Death, settings: OutageSettings): Standing {
  const { hold, trustedUntilMs } = watch;
  if (hold) {
    // Over, and only not cleared away yet.
    if (death.atMs >= hold.untilMs) return { kind: 'trusted' };
    return { kind: 'hold', untilMs: hold.untilMs };
  }
  if (isTrusted(trustedUntilMs, death.atMs, settings)) return { kind: 'trusted' };
  const { sinceMs } = burstOf(watch, remember(watch.deaths, death, settings), death, settings);
  return sinceMs === undefined ? { kind: 'alone' } : { kind: 'suspicious', sinceMs };
}

/**
 * The watch after a death. `workedAccounts`: those whose credentials worked since the moment that `standingOf` named. With a hold from now on where
 * they are too few.
 */
export function noteDeath(
  watch: OutageWatch,
  death: Death,
  workedAccounts: readonly string[],
  settings: OutageSettings,
): OutageWatch {
  const deaths = remember(watch.deaths, death, settings);
  const { burst } = burstOf(watch, deaths, death, settings);
  const dead = new Set(burst.map(({ accountId }) => accountId));
  const others = new Set(workedAccounts.filter((accountId) => !dead.has(accountId)));
  const isOutage = dead.size > 0 && dead.size / (dead.size + others.size) >= settings.ratio;
  if (!isOutage) return { ...watch, deaths };
  return {
    ...watch,
    deaths: [],
    settling: undefined,
    hold: {
      sinceMs: death.atMs,
      untilMs: death.atMs + settings.holdMs,
      accountIds: [...dead],
      canaries: onePerAccount(burst.filter(({ canBeTried }) => canBeTried)).slice(0, mostCanaries),
      slipped: [
        // Of a hold that was released a moment ago, and not told to all of them yet.
        ...(watch.settling?.end === 'released' ? watch.settling.slipped : []),
        ...deaths.map(({ credentialId }) => credentialId),
      ]
        .filter((credentialId) => credentialId !== death.credentialId)
        .slice(-mostDeaths),
    },
  };
}

/** A canary as it stands now. `void`: it is gone, or has another grant by now, and tells nothing of the one that was refused. */
export type CanaryOutcome = 'silent' | 'works' | 'void' | { refusedAtMs: number };

/**
 * What is to become of a hold; undefined: it goes on. One canary that works again shows that its refusal was no verdict. That all are still
 * refused shows the contrary only where the client works for most others: `workedAccounts` since the beginning, beside `heldAccounts`.
 */
export function judgeHold(
  hold: Hold,
  facts: {
    canaries: readonly CanaryOutcome[];
    workedAccounts: readonly string[];
    heldAccounts: readonly string[];
    nowMs: number;
  },
  { ratio, minAccounts }: OutageSettings,
): OutageEnd | undefined {
  const canaries = facts.canaries.filter((outcome) => outcome !== 'void');
  if (canaries.includes('works')) return 'released';
  if (facts.nowMs >= hold.untilMs || facts.nowMs < hold.sinceMs - clockSetBackMs) return 'ended';
  const allRefused =
    canaries.length > 0 &&
    canaries.every(
      (outcome) =>
        typeof outcome === 'object' && outcome.refusedAtMs >= hold.sinceMs + confirmAfterMs,
    );
  const dead = new Set([...hold.accountIds, ...facts.heldAccounts]);
  const others = new Set(facts.workedAccounts.filter((accountId) => !dead.has(accountId)));
  const othersWork = others.size >= minAccounts && dead.size / (dead.size + others.size) < ratio;
  return allRefused && othersWork ? 'confirmed' : undefined;
}

/** A hold from a future that will not come before the clock is right again would never end. */
const clockSetBackMs = 10 * 60_000;

/** The watch once its hold is decided; its credentials are told next. */
export function endHold(
  watch: OutageWatch,
  { end, by }: Pick<HoldDecision, 'end' | 'by'>,
  nowMs: number,
  { holdMs }: OutageSettings,
): OutageWatch {
  if (!watch.hold) return watch;
  const decision = { sinceMs: watch.hold.sinceMs, end, atMs: nowMs, by };
  return {
    ...watch,
    hold: undefined,
    deaths: [],
    settling: { end, slipped: watch.hold.slipped },
    decisions: [...watch.decisions, decision].slice(-mostDecisions),
    // What was refused in vain is no verdict, and the next refusals are as suspicious as the first ones were.
    trustedUntilMs: end === 'released' ? 0 : nowMs + holdMs,
  };
}

/** A clock that was set back must not make it last longer than it was meant to. */
function isTrusted(trustedUntilMs: number, nowMs: number, { holdMs }: OutageSettings): boolean {
  return nowMs < trustedUntilMs && trustedUntilMs <= nowMs + holdMs;
}

/** A credential dies once, however often its write is tried. */
function remember(deaths: readonly Death[], death: Death, { windowMs }: OutageSettings): Death[] {
  const recent = deaths.filter(
    ({ credentialId, atMs }) =>
      credentialId !== death.credentialId && Math.abs(death.atMs - atMs) <= windowMs,
  );
  const ofAccount = recent.filter(({ accountId }) => accountId === death.accountId);
  const tooMany = new Set(
    ofAccount.slice(0, Math.max(0, ofAccount.length - mostDeathsOfAccount + 1)),
  );
  return [...recent.filter((known) => !tooMany.has(known)), death].slice(-mostDeaths);
}

/**
 * The deaths that may be one trouble of the client, and since when its successes speak against that; none and undefined: too few accounts. A moment
 * after a release few are enough: it may have come before the provider was well again, and then nobody's credential has worked since.
 */
function burstOf(
  { decisions }: OutageWatch,
  deaths: readonly Death[],
  death: Death,
  { minAccounts, windowMs }: OutageSettings,
): { burst: readonly Death[]; sinceMs: number | undefined } {
  const burst = shortestBurst(deaths, minAccounts);
  if (burst.length > 0) return { burst, sinceMs: burst[0]?.atMs };
  const last = decisions.at(-1);
  const isReleased = last?.end === 'released' && Math.abs(death.atMs - last.atMs) <= windowMs;
  return isReleased ? { burst: deaths, sinceMs: last.atMs } : { burst, sinceMs: undefined };
}

/** The latest deaths, as few as make up the number of accounts; none where there are not so many. */
function shortestBurst(deaths: readonly Death[], minAccounts: number): Death[] {
  const accounts = new Set<string>();
  for (let index = deaths.length - 1; index >= 0; index--) {
    accounts.add(deaths[index]?.accountId ?? '');
    if (accounts.size >= minAccounts) return deaths.slice(index);
  }
  return [];
}

function onePerAccount(deaths: readonly Death[]): string[] {
  const byAccount = new Map(deaths.map(({ accountId, credentialId }) => [accountId, credentialId]));
  return [...byAccount.values()];
}
