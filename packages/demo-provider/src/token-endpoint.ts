import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';

export const answerModes = [
  'normal',
  '500',
  '429',
  'html',
  'slow',
  'cut',
  'refuse_client',
] as const;
/**
 * How a token endpoint answers. `slow` and `cut` process the request first, so that an answer can be lost although the
 * refresh token is spent; `cut` closes the connection in place of the answer.
 */
export type AnswerMode = (typeof answerModes)[number];

export type AnswerSetting = {
  mode: AnswerMode;
  /** Answers left until it is `normal` again; undefined: until changed. */
  timesLeft: number | undefined;
  /** Of `slow`. */
  delayMs: number;
};

/** Since this process started. */
export type TokenCounters = {
  /** By `grant_type`; what carried none counts as `unknown`. */
  tokenRequests: Record<string, number>;
  revocations: number;
  /** A rotated refresh token was presented again, forgiven by the grace or not. */
  spentTokenReuses: number;
  /** A refresh began while another one with the same refresh token was under way. */
  overlappingRefreshes: number;
};

export type Answer = { status: number; headers: Record<string, string>; body: string };

/** A token request under way: `mode` was taken for it when it came. */
export type TokenRequest = {
  mode: AnswerMode;
  /** The answer that stands in for processing. */
  earlyAnswer: Answer | undefined;
  /** Waits as long as `slow` says; at once in every other mode. */
  delay(): Promise<void>;
};

export type TokenEndpoint = {
  setting(): AnswerSetting;
  set(change: { mode: AnswerMode; times?: number; delayMs?: number }): void;
  counters(): TokenCounters;
  countRequest(grantType: unknown): void;
  countRevocation(): void;
  /** To be called by storage; only look-ups inside `serve` are counted. */
  sawRefreshToken(token: string, spent: boolean): void;
  serve<T>(work: (request: TokenRequest) => Promise<T>): Promise<T>;
  /** Ends every wait. */
  stop(): void;
};

export function createTokenEndpoint(options: {
  defaultDelayMs: number;
  clientRefused: Answer;
}): TokenEndpoint {
  const { defaultDelayMs, clientRefused } = options;
  let setting = normal(defaultDelayMs);
  const counters: TokenCounters = {
    tokenRequests: {},
    revocations: 0,
    spentTokenReuses: 0,
    overlappingRefreshes: 0,
  };
  const underWay = new Map<string, number>();
  const current = new AsyncLocalStorage<Set<string>>();
  const stopping = new AbortController();

  function take(): AnswerSetting {
    const taken = setting;
    if (taken.timesLeft !== undefined) {
      const timesLeft = taken.timesLeft - 1;
      setting = timesLeft > 0 ? { ...taken, timesLeft } : normal(defaultDelayMs);
    }
    return taken;
  }

  return {
    setting: () => setting,
    set({ mode, times, delayMs }) {
      setting = { mode, timesLeft: times, delayMs: delayMs ?? defaultDelayMs };
    },
    counters: () => structuredClone(counters),
    countRequest(grantType) {
      const name = typeof grantType === 'string' && grantType !== '' ? grantType : 'unknown';
      counters.tokenRequests[name] = (counters.tokenRequests[name] ?? 0) + 1;
    },
    countRevocation() {
      counters.revocations += 1;
    },
    sawRefreshToken(token, spent) {
      const seen = current.getStore();
      if (!seen || seen.has(token)) return;
      seen.add(token);
      const others = underWay.get(token) ?? 0;
      underWay.set(token, others + 1);
      if (others > 0) counters.overlappingRefreshes += 1;
      if (spent) counters.spentTokenReuses += 1;
    },
    async serve(work) {
      const { mode, delayMs } = take();
      const seen = new Set<string>();
      try {
        return await current.run(seen, () =>
          work({
            mode,
            earlyAnswer: earlyAnswer(mode, clientRefused),
            delay: () => (mode === 'slow' ? pause(delayMs, stopping.signal) : Promise.resolve()),
          }),
        );
      } finally {
        for (const token of seen) {
          const left = (underWay.get(token) ?? 1) - 1;
          if (left > 0) underWay.set(token, left);
          else underWay.delete(token);
        }
      }
    },
    stop: () => stopping.abort(),
  };
}

function normal(delayMs: number): AnswerSetting {
  return { mode: 'normal', timesLeft: undefined, delayMs };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}

const json = { 'content-type': 'application/json' };

function earlyAnswer(mode: AnswerMode, clientRefused: Answer): Answer | undefined {
  switch (mode) {
    case 'normal':
    case 'slow':
    case 'cut':
      return undefined;
    case '500':
      return {
        status: 500,
        headers: { 'content-type': 'text/plain' },
        body: 'Internal Server Error',
      };
    case '429':
      return {
        status: 429,
        headers: { ...json, 'retry-after': '2' },
        body: '{"error":"rate_limited"}',
      };
    case 'html':
      return {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<!doctype html><title>Maintenance</title><p>We are back soon.',
      };
    case 'refuse_client':
      return clientRefused;
    default:
      return mode satisfies never;
  }
}
