/** Who goes first: somebody waits for the answer, or a sweep came by. */
export type Priority = 'waited_for' | 'background';

export type Ticket = {
  /** Resolves with the function that gives the place back. */
  granted: Promise<() => void>;
  /** Somebody waits for it now. */
  raise(): void;
};

export type ProviderConcurrency = {
  enter(clientId: string, priority: Priority): Ticket;
  /** The provider said 429: half as many at a time, and none before `retryAfterMs` has passed. */
  throttled(clientId: string, retryAfterMs: number): void;
  /** The provider answered: after a round without a 429 one more at a time is dared. */
  answered(clientId: string): void;
  /** How many wait for a place. */
  waiting(): number;
  /** Lets everybody in at once: at shutdown those who wait find that there is nothing to do any more. */
  release(): void;
};

type Entry = { priority: Priority; grant: (leave: () => void) => void };
type Lane = {
  running: number;
  limit: number;
  goodInARow: number;
  pausedUntilMs: number;
  queue: Entry[];
  timer: NodeJS.Timeout | undefined;
};

const longestPauseMs = 300_000;

/** Bounds the requests to each provider client and adapts to what it takes (semantics 6 and 14). */
export function createProviderConcurrency(options: {
  maximum: number;
  /** Monotonic milliseconds. */
  monotonicMs?: () => number;
}): ProviderConcurrency {
  const { maximum, monotonicMs = () => performance.now() } = options;
  const lanes = new Map<string, Lane>();

  function laneOf(clientId: string): Lane {
    let lane = lanes.get(clientId);
    if (!lane) {
      lane = {
        running: 0,
        limit: maximum,
        goodInARow: 0,
        pausedUntilMs: 0,
        queue: [],
        timer: undefined,
      };
      lanes.set(clientId, lane);
    }
    return lane;
  }

  function advance(lane: Lane): void {
    const pauseMs = lane.pausedUntilMs - monotonicMs();
    if (pauseMs > 0) {
      lane.timer ??= setTimeout(() => {
        lane.timer = undefined;
        advance(lane);
      }, Math.ceil(pauseMs)).unref();
      return;
    }
    while (lane.running < lane.limit && lane.queue.length > 0) {
      const waitedFor = lane.queue.findIndex(({ priority }) => priority === 'waited_for');
      const [entry] = lane.queue.splice(Math.max(waitedFor, 0), 1);
      lane.running += 1;
      entry?.grant(once(() => leave(lane)));
    }
  }

  function leave(lane: Lane): void {
    lane.running -= 1;
    advance(lane);
  }

  return {
    enter(clientId, priority) {
      const lane = laneOf(clientId);
      const { promise: granted, resolve: grant } = Promise.withResolvers<() => void>();
      const entry: Entry = { priority, grant };
      lane.queue.push(entry);
      advance(lane);
      return {
        granted,
        raise() {
          entry.priority = 'waited_for';
        },
      };
    },
    throttled(clientId, retryAfterMs) {
      const lane = laneOf(clientId);
      lane.limit = Math.max(1, Math.floor(lane.limit / 2));
      lane.goodInARow = 0;
      const pauseMs = Math.min(retryAfterMs, longestPauseMs);
      lane.pausedUntilMs = Math.max(lane.pausedUntilMs, monotonicMs() + pauseMs);
    },
    answered(clientId) {
      const lane = laneOf(clientId);
      lane.goodInARow += 1;
      if (lane.goodInARow < lane.limit || lane.limit >= maximum) return;
      lane.goodInARow = 0;
      lane.limit += 1;
    },
    release() {
      for (const lane of lanes.values()) {
        lane.pausedUntilMs = 0;
        lane.limit = Number.POSITIVE_INFINITY;
        advance(lane);
      }
    },
    waiting: () => [...lanes.values()].reduce((sum, lane) => sum + lane.queue.length, 0),
  };
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
