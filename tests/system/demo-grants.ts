import type { createDemoControls } from './demo-controls.ts';

type Controls = ReturnType<typeof createDemoControls>;

export type DemoGrant = { id: string; account: string; alive: boolean; endedBy: string | null };

/** What was granted at a provider, newest first. */
export async function grantsOf(
  controls: Controls,
  provider: string,
  account: string,
): Promise<DemoGrant[]> {
  const query = new URLSearchParams({ provider, account });
  const { items } = await controls.get<{ items: DemoGrant[] }>(`/grants?${query}`);
  return items;
}

/** Token requests to a provider so far, by grant type; `revocations` beside them. */
export async function countersOf(controls: Controls, provider: string) {
  const all =
    await controls.get<
      Record<
        string,
        {
          tokenRequests: Record<string, number>;
          revocations: number;
          spentTokenReuses: number;
          overlappingRefreshes: number;
        }
      >
    >('/counters');
  const { tokenRequests, ...others } = all[provider] ?? {
    tokenRequests: {},
    revocations: 0,
    spentTokenReuses: 0,
    overlappingRefreshes: 0,
  };
  return {
    refreshes: tokenRequests['refresh_token'] ?? 0,
    exchanges: tokenRequests['authorization_code'] ?? 0,
    ...others,
  };
}

/** How the token endpoint of a provider answers from now on. */
export function setMode(
  controls: Controls,
  provider: string,
  mode: string,
  more: { times?: number; delayMs?: number } = {},
) {
  return controls.post(`/providers/${provider}/mode`, { mode, ...more });
}
