import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs } from '@credential-renewal/runtime';
import type { BrokerContext } from '../broker-context.ts';
import { normaliseAnswer } from '../provider/normalise-answer.ts';
import type { ProviderClient } from '../provider/provider-client.ts';
import { requireSuccess } from '../provider/refusal.ts';

type Revocable = { token: string; tokenTypeHint: string; endpoint: string };
type Context = Pick<BrokerContext, 'clock' | 'random'>;

const attempts = 4;

/**
 * Ends a grant as its provider wants it: by RFC 7009, or with an access token that speaks for itself. Throws what
 * `refusalOf` reads.
 */
export async function revoke(
  client: ProviderClient,
  revocable: Revocable,
  context: Context,
): Promise<void> {
  const { token, tokenTypeHint } = revocable;
  const { revocation, refreshToken } = client.provider;
  const needsAccessToken =
    revocation?.token === 'access_token' || revocation?.authentication === 'bearer';
  if (!needsAccessToken || tokenTypeHint === 'access_token') {
    return send(client, revocable, context);
  }
  // Only the refresh token is kept for this. Where it is single-use it is spent now, so the access token is tried a few
  // times while it is at hand; should all fail, the next round is told that nothing is left to refresh.
  const { accessToken } = await client.refresh(token, context.clock.nowMs());
  const withAccess = { ...revocable, token: accessToken, tokenTypeHint: 'access_token' };
  const tries = refreshToken?.rotation === 'single_use' ? attempts : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(client, withAccess, context);
    } catch (error) {
      if (attempt >= tries) throw error;
      await wait(backoffMs(attempt, { baseMs: 200, maxMs: 2_000, random: context.random }));
    }
  }
}

async function send(
  client: ProviderClient,
  { token, tokenTypeHint, endpoint }: Revocable,
  { clock }: Context,
): Promise<void> {
  const { authentication = 'client', method = 'POST' } = client.provider.revocation ?? {};
  if (authentication === 'client') return client.revoke(token, tokenTypeHint);
  const bearer = authentication === 'bearer';
  const response = await client.fetch(endpoint, {
    method,
    headers: {
      accept: 'application/json',
      ...(bearer ? { authorization: `Bearer ${token}` } : {}),
      ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    body: bearer ? (method === 'POST' ? '' : undefined) : new URLSearchParams({ token }),
  });
  await requireSuccess(await normaliseAnswer(client.provider, response, 'other'), clock.nowMs());
}
