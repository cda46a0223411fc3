import type { Clock } from '@credential-renewal/runtime';
import type { DemoGrant, GrantBook } from '../grant-book.ts';
import type { DemoMail, DemoMailbox } from '../mailbox.ts';
import type { DemoProvider, WithdrawalReason } from '../providers/demo-provider.ts';
import type { AnswerSetting, TokenCounters } from '../token-endpoint.ts';

export type GrantView = {
  id: string;
  provider: string;
  account: string;
  scopes: string[];
  since: string;
  alive: boolean;
  lastUse: string | null;
  endedAt: string | null;
  endedBy: string | null;
};

export type ProviderView = {
  id: string;
  name: string;
  quirk: string;
  scopes: string[];
  mode: AnswerSetting['mode'];
  timesLeft: number | null;
  /** What consent can give at most; null: everything. */
  narrowedScopes: string[] | null;
  counters: TokenCounters;
};

export type WorldState = {
  gatewayUrl: string;
  now: string;
  worker: { paused: boolean };
  providers: ProviderView[];
  grants: GrantView[];
  mailbox: DemoMail[];
};

/** What the control page and its JSON calls can do, free of HTTP. */
export type WorldControls = {
  state(): Promise<WorldState>;
  grants(filter?: { provider?: string; account?: string; alive?: boolean }): GrantView[];
  provider(id: string): DemoProvider | undefined;
  /** False: no such grant. */
  withdraw(grantId: string, reason: WithdrawalReason): Promise<boolean>;
  /** Answers how many living grants were ended. */
  withdrawAll(
    filter: { provider: string; account?: string },
    reason: WithdrawalReason,
  ): Promise<number>;
  counters(): Record<string, TokenCounters>;
  mailbox: DemoMailbox;
  /** Resolves when every clock of the world has been moved. */
  advanceClock(ms: number): Promise<void>;
  nowMs(): number;
  setWorkerPaused(paused: boolean): void;
  workerPaused(): boolean;
};

export function createWorldControls(deps: {
  providers: readonly DemoProvider[];
  grantBook: GrantBook;
  mailbox: DemoMailbox;
  clock: Clock;
  gatewayUrl: string;
  advanceClock: (ms: number) => void | Promise<void>;
  setWorkerPaused: (paused: boolean) => void;
}): WorldControls {
  const { providers, grantBook, clock } = deps;
  let paused = false;
  const provider = (id: string) => providers.find(({ profile }) => profile.id === id);

  function grants(filter: { provider?: string; account?: string; alive?: boolean } = {}) {
    const { provider: providerId, ...rest } = filter;
    return grantBook.list({ providerId, ...rest }).map(toGrantView);
  }

  const controls: WorldControls = {
    async state() {
      return {
        gatewayUrl: deps.gatewayUrl,
        now: new Date(clock.nowMs()).toISOString(),
        worker: { paused },
        providers: providers.map(toProviderView),
        grants: grants(),
        mailbox: await deps.mailbox.list({}),
      };
    },
    grants,
    provider,
    async withdraw(grantId, reason) {
      const grant = grantBook.find(grantId);
      if (!grant) return false;
      if (grant.endedAtMs === undefined)
        await provider(grant.providerId)?.withdraw(grantId, reason);
      return true;
    },
    async withdrawAll({ provider: providerId, account }, reason) {
      const living = grantBook.list({ providerId, account, alive: true });
      await Promise.all(living.map((grant) => provider(providerId)?.withdraw(grant.id, reason)));
      return living.length;
    },
    counters: () =>
      Object.fromEntries(
        providers.map(({ profile, tokenEndpoint }) => [profile.id, tokenEndpoint.counters()]),
      ),
    mailbox: deps.mailbox,
    advanceClock: async (ms) => deps.advanceClock(ms),
    nowMs: clock.nowMs,
    setWorkerPaused(value) {
      paused = value;
      deps.setWorkerPaused(value);
    },
    workerPaused: () => paused,
  };
  return controls;
}

function toGrantView(grant: DemoGrant): GrantView {
  return {
    id: grant.id,
    provider: grant.providerId,
    account: grant.account,
    scopes: grant.scopes,
    since: new Date(grant.sinceMs).toISOString(),
    alive: grant.endedAtMs === undefined,
    lastUse: timeOrNull(grant.lastUseMs),
    endedAt: timeOrNull(grant.endedAtMs),
    endedBy: grant.endedBy ?? null,
  };
}

function toProviderView({ profile, tokenEndpoint, narrowedScopes }: DemoProvider): ProviderView {
  const { mode, timesLeft } = tokenEndpoint.setting();
  const narrowed = narrowedScopes();
  return {
    id: profile.id,
    name: profile.name,
    quirk: profile.quirk,
    scopes: profile.scopes.map((scope) => scope.name),
    mode,
    timesLeft: timesLeft ?? null,
    narrowedScopes: narrowed ? [...narrowed] : null,
    counters: tokenEndpoint.counters(),
  };
}

function timeOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
