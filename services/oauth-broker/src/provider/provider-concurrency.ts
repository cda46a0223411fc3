/** Who goes first: somebody waits for the answer, or a sweep came by. */
export type Priority = 'waited_for' | 'background';

export type Ticket = {
  /** Resolves when a place is near: time to get ready what the request needs. */
  called: Promise<Turn>;
  /** Somebody waits for it now. */
  raise(): void;
};

export type Turn = {
  /** Takes the next place at the provider, in the order of the tickets. False: none came free within this time. */
  place(withinMs: number): Promise<boolean>;
  /** Gives back the place, or the turn without one. */
  leave(): void;
};

export type ProviderConcurrency = {
  enter(providerId: string, priority: Priority): Ticket;
  /** The provider said 429: half as many at a time, and none before `retryAfterMs` has passed. */
  throttled(providerId: string, retryAfterMs: number): void;
  /** The provider answered: after a round without a 429 one more at a time is dared. */
  answered(providerId: string): void;
  /** How many wait for a place, at all providers. */
  waiting(): number;
  /** How many have a ticket for this provider and are not ready to be let in. */
  unreadyAt(providerId: string): number;
  /** Providers at which somebody waits. */
  busy(): string[];
  /** Lets everybody in at once: at shutdown those who wait find that there is nothing to do any more. */
  release(): void;
};

type Entry = {
  number: number;
  priority: Priority;
  call: (turn: Turn) => void;
  /** Wants a place, since then. */
  seat: (() => void) | undefined;
  readyAtMs: number;
};
type Lane = {
  limit: number;
  goodInARow: number;
  pausedUntilMs: number;
  queues: Record<Priority, Entry[]>;
  /** Called, and not at the provider yet. */
  ready: Set<Entry>;
  running: number;
  timer: NodeJS.Timeout | undefined;
};

const longestPauseMs = 300_000;
/** Those who are called together get their leases by one call of the vault. */
const mostInGroup = 10;
/** Who is ready holds a lease, which keeps other replicas from a credential that somebody may wait for there. */
const longestOvertakingMs = 500;

/**
 * Bounds the requests to each provider and adapts to what it takes (semantics 6 and 14). What a request needs is got while others are
 * still at the provider, or a place would stand empty for as long as that takes: at least as many are called ahead as there are places.
 */
export function createProviderConcurrency(options: {
  maximum: number;
  /** Monotonic milliseconds. */
  monotonicMs?: () => number;
}): ProviderConcurrency {
  const { maximum, monotonicMs = () => performance.now() } = options;
  const lanes = new Map<string, Lane>();
  let tickets = 0;

  function laneOf(providerId: string): Lane {
    let lane = lanes.get(providerId);
    if (!lane) {
      lane = {
        limit: maximum,
        goodInARow: 0,
        pausedUntilMs: 0,
        queues: { waited_for: [], background: [] },
        ready: new Set(),
        running: 0,
        timer: undefined,
      };
      lanes.set(providerId, lane);
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
    while (lane.running < lane.limit) {
      const next = firstReady(lane, monotonicMs());
      if (!next) break;
      lane.ready.delete(next);
      lane.running += 1;
      next.seat?.();
    }
    callAhead(lane);
  }

  /** Somebody who is waited for at once, the others when there is room for a group of them. */
  function callAhead(lane: Lane): void {
    const group = Math.max(1, Math.min(mostInGroup, Math.floor(lane.limit / 2)));
    const room = () => 2 * lane.limit + group - 1 - lane.running - lane.ready.size;
    const isGroupNext = room() >= group;
    while (room() > 0) {
      const { waited_for, background } = lane.queues;
      const entry = waited_for.shift() ?? (isGroupNext ? background.shift() : undefined);
      if (!entry) break;
      lane.ready.add(entry);
      entry.call(turnOf(lane, entry));
    }
  }

  function turnOf(lane: Lane, entry: Entry): Turn {
    let seated = false;
    const leave = once(() => {
      if (seated) lane.running -= 1;
      lane.ready.delete(entry);
      advance(lane);
    });
    return {
      leave,
      place(withinMs) {
        const { promise, resolve } = Promise.withResolvers<boolean>();
        const timer = setTimeout(() => {
          leave();
          resolve(false);
        }, withinMs);
        entry.readyAtMs = monotonicMs();
        entry.seat = () => {
          clearTimeout(timer);
          seated = true;
          resolve(true);
        };
        advance(lane);
        return promise;
      },
    };
  }

  return {
    enter(providerId, priority) {
      const lane = laneOf(providerId);
      const { promise: called, resolve: call } = Promise.withResolvers<Turn>();
      const entry: Entry = { number: ++tickets, priority, call, seat: undefined, readyAtMs: 0 };
      lane.queues[priority].push(entry);
      advance(lane);
      return {
        called,
        raise() {
          entry.priority = 'waited_for';
          const place = lane.queues.background.indexOf(entry);
          if (place >= 0) lane.queues.waited_for.push(...lane.queues.background.splice(place, 1));
        },
      };
    },
    throttled(providerId, retryAfterMs) {
      const lane = laneOf(providerId);
      lane.limit = Math.max(1, Math.floor(lane.limit / 2));
      lane.goodInARow = 0;
      const pauseMs = Math.min(retryAfterMs, longestPauseMs);
      lane.pausedUntilMs = Math.max(lane.pausedUntilMs, monotonicMs() + pauseMs);
    },
    answered(providerId) {
      const lane = laneOf(providerId);
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
    waiting: () => [...lanes.values()].reduce((sum, lane) => sum + waitingIn(lane), 0),
    unreadyAt(providerId) {
      const lane = lanes.get(providerId);
      if (!lane) return 0;
      let unready = lengthOf(lane.queues);
      for (const { seat } of lane.ready) if (seat === undefined) unready += 1;
      return unready;
    },
    busy: () => [...lanes].filter(([, lane]) => waitingIn(lane) > 0).map(([id]) => id),
  };
}

/** Of those who are waited for or have been ready for long, whoever was ready first; else the earliest ticket. */
function firstReady({ ready }: Lane, nowMs: number): Entry | undefined {
  const isUrgent = ({ priority, readyAtMs }: Entry) =>
    priority === 'waited_for' || nowMs - readyAtMs > longestOvertakingMs;
  const goesBefore = (one: Entry, other: Entry) => {
    if (isUrgent(one) !== isUrgent(other)) return isUrgent(one);
    return isUrgent(one) ? one.readyAtMs < other.readyAtMs : one.number < other.number;
  };
  let first: Entry | undefined;
  for (const entry of ready) {
    if (entry.seat !== undefined && (!first || goesBefore(entry, first))) first = entry;
  }
  return first;
}

const lengthOf = (queues: Lane['queues']) => queues.waited_for.length + queues.background.length;
const waitingIn = ({ queues, ready }: Lane) => lengthOf(queues) + ready.size;

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
