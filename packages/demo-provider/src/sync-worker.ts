import { type Clock, createPeriodic, DomainError, type Logger } from '@credential-renewal/runtime';

export type SyncTarget = { accountId: string; sourceId: string; connectorId: string };
/** `tokenHash` is what a report about this token names. */
export type WorkerToken = { accessToken: string; tokenHash: string };

export type DemoSyncWorkerDeps = {
  /** Where the demo providers are. */
  apiOrigin: () => string;
  listTargets: () => SyncTarget[] | Promise<SyncTarget[]>;
  getAccessToken: (target: SyncTarget) => Promise<WorkerToken>;
  reportRejectedToken: (target: SyncTarget, tokenHash: string) => Promise<unknown>;
  reportSynced: (target: SyncTarget, syncedAt: Date) => Promise<unknown>;
  clock: Clock;
  logger: Logger;
  /** Between the end of a round and the next one; default 2000. */
  intervalMs?: number;
};

export type DemoSyncWorker = {
  setPaused(paused: boolean): void;
  /** No further round; resolves when the running one is over. */
  stop(): Promise<void>;
};

const providerOfConnector: Record<string, string> = {
  'orchard-drive': 'orchard',
  'revolve-box': 'revolve',
  'chatter-enterprise': 'chatter',
  'helpline-desk': 'helpline',
};
const concurrency = 8;
/** More than these wait for the next round, so that a thousand sources are visited gently. */
const targetsPerRound = 100;
const httpTimeoutMs = 5000;

/**
 * What a customer's sync would do, in small: for every source a token from the broker, a look at the provider's API,
 * then a report. A source whose credential does not work is passed over quietly until it works again.
 */
export function createDemoSyncWorker(deps: DemoSyncWorkerDeps): DemoSyncWorker {
  let paused = false;
  let visited = 0;

  async function round(signal: AbortSignal): Promise<void> {
    if (paused) return;
    const all = await deps.listTargets();
    const start = all.length > targetsPerRound ? visited % all.length : 0;
    const due = [...all.slice(start), ...all.slice(0, start)].slice(0, targetsPerRound);
    visited = start + due.length;
    const queue = due.values();
    const lanes = Array.from({ length: Math.min(concurrency, due.length) }, async () => {
      for (const target of queue) {
        if (signal.aborted || paused) return;
        await visit(deps, target, signal);
      }
    });
    await Promise.all(lanes);
  }

  const periodic = createPeriodic({
    name: 'demo sync',
    intervalMs: deps.intervalMs ?? 2000,
    logger: deps.logger,
    run: round,
  });
  return {
    setPaused(value) {
      paused = value;
      if (!value) periodic.wake();
    },
    stop: () => periodic.stop(),
  };
}

async function visit(
  deps: DemoSyncWorkerDeps,
  target: SyncTarget,
  signal: AbortSignal,
): Promise<void> {
  const { logger } = deps;
  const provider = providerOfConnector[target.connectorId];
  if (provider === undefined) return;
  try {
    const token = await deps.getAccessToken(target);
    const url = `${deps.apiOrigin()}/${provider}/api/items`;
    switch (await look(url, token.accessToken, signal)) {
      case 'synced':
        await deps.reportSynced(target, new Date(deps.clock.nowMs()));
        return;
      case 'rejected':
        await deps.reportRejectedToken(target, token.tokenHash);
        return;
      case 'unavailable':
        return;
    }
  } catch (err) {
    if (signal.aborted || isExpected(err)) return;
    logger.warn({ err, sourceId: target.sourceId }, 'the demo sync worker could not sync a source');
  }
}

/** A source that is pending, expired, just deleted, or whose provider is down. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof DomainError &&
    ['failed_precondition', 'unavailable', 'not_found'].includes(error.kind)
  );
}

/** Both ways a provider says that a token is no good: 401, and `ok: false` inside a 200. */
async function look(
  url: string,
  accessToken: string,
  signal: AbortSignal,
): Promise<'synced' | 'rejected' | 'unavailable'> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${accessToken}` },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(httpTimeoutMs)]),
  });
  if (response.status === 401) return 'rejected';
  if (!response.ok) return 'unavailable';
  const answer = (await response.json()) as { ok?: boolean };
  return answer.ok === false ? 'rejected' : 'synced';
}
