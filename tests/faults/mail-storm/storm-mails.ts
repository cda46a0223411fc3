import { sourcesIn } from './storm-people.ts';

/** What has come by mail, in little memory: who got a mail when, and how often each source was told of. */
export type StormMails = {
  took(mail: { to: string; text: string }, atMs: number): void;
  count(): number;
  /** Sources that were told of. */
  told(): number;
  /** Of everything since `sinceMs`; digests are due at `digestsDueMs`. */
  outcome(sinceMs: number, digestsDueMs: number): MailsOutcome;
};

export type MailsOutcome = {
  mails: number;
  digests: number;
  toldMoreThanOnce: number;
  /** In any second of the clock, the most of all. */
  mostInASecond: number;
  /** From the first to the last. */
  tookSeconds: number;
  /** They went out while a digest was due that went out later. */
  singlesBeforeDigests: number;
  /** Somebody got them after a digest. */
  singlesAfterOwnDigest: number;
  mostSinglesOfPerson: number;
  mostDigestsOfPerson: number;
};

type Came = { person: number; atMs: number; isDigest: boolean };

export function createStormMails(sources: number): StormMails {
  const timesTold = new Uint8Array(sources);
  let told = 0;
  // As many as there can be.
  const persons = new Uint32Array(sources);
  const times = new Float64Array(sources);
  const digests = new Uint8Array(sources);
  let count = 0;

  return {
    took({ to, text }, atMs) {
      const named = sourcesIn(text);
      for (const source of named) {
        if (timesTold[source] === 0) told++;
        timesTold[source] = (timesTold[source] ?? 0) + 1;
      }
      persons[count] = Number(/^person-(\d+)@/.exec(to)?.[1]);
      times[count] = atMs;
      digests[count] = named.length > 1 ? 1 : 0;
      count++;
    },
    count: () => count,
    told: () => told,
    outcome(sinceMs, digestsDueMs) {
      const came: Came[] = Array.from({ length: count }, (_, index) => ({
        ...{ person: persons[index] ?? 0, atMs: times[index] ?? 0 },
        isDigest: digests[index] === 1,
      })).filter(({ atMs }) => atMs >= sinceMs);
      return {
        toldMoreThanOnce: timesTold.filter((times) => times > 1).length,
        ...judge(came, digestsDueMs),
      };
    },
  };
}

function judge(came: readonly Came[], digestsDueMs: number) {
  const ofDigests = came.filter(({ isDigest }) => isDigest);
  const singles = came.filter(({ isDigest }) => !isDigest);
  const digestAtMs = new Map(ofDigests.map(({ person, atMs }) => [person, atMs]));
  const lastDigestMs = ofDigests.at(-1)?.atMs ?? 0;
  const inSeconds = Map.groupBy(came, ({ atMs }) => Math.floor(atMs / 1_000));
  return {
    mails: came.length,
    digests: ofDigests.length,
    mostInASecond: mostOf(inSeconds),
    tookSeconds: ((came.at(-1)?.atMs ?? 0) - (came[0]?.atMs ?? 0)) / 1_000,
    singlesBeforeDigests: singles.filter(({ atMs }) => atMs >= digestsDueMs && atMs < lastDigestMs)
      .length,
    singlesAfterOwnDigest: singles.filter(
      ({ person, atMs }) => atMs > (digestAtMs.get(person) ?? Number.POSITIVE_INFINITY),
    ).length,
    mostSinglesOfPerson: mostOf(Map.groupBy(singles, ({ person }) => person)),
    mostDigestsOfPerson: mostOf(Map.groupBy(ofDigests, ({ person }) => person)),
  };
}

function mostOf(groups: ReadonlyMap<unknown, readonly unknown[]>): number {
  return Math.max(0, ...[...groups.values()].map(({ length }) => length));
}
