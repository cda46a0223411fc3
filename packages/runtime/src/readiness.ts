/** Trouble that a service goes on serving with, in a few words: events that wait, say. */
export type Degraded = { degraded: string };
/** Undefined: ready. A string: not ready, and why. */
export type ReadinessAnswer = string | Degraded | undefined;
export type ReadinessCheck = () => ReadinessAnswer | Promise<ReadinessAnswer>;

/** A problem that takes no calls away: without this, a broker that is down would take every replica out of service at once. */
export function degraded(problem: string | undefined): Degraded | undefined {
  return problem === undefined ? undefined : { degraded: problem };
}

/** Asks all checks at once. One that throws, or takes longer than `timeoutMs`, is not ready. */
export function askChecks(
  checks: Record<string, ReadinessCheck>,
  timeoutMs: number,
): Promise<{ name: string; answer: ReadinessAnswer }[]> {
  return Promise.all(
    Object.entries(checks).map(async ([name, check]) => ({
      name,
      answer: await inTime(check, timeoutMs).catch((error: unknown) =>
        error instanceof Error ? error.message : String(error),
      ),
    })),
  );
}

async function inTime(check: ReadinessCheck, timeoutMs: number): Promise<ReadinessAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${timeoutMs} ms`), timeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } finally {
    clearTimeout(timer);
  }
}
