import * as oauth from 'openid-client';
import { codeClient, consent, startCodeProvider } from './code-provider.ts';
import type { Measured } from './figure.ts';
import { startRenewalWorld } from './renewal-world.ts';
import { median } from './statistics.ts';

const rounds = 7;
const perRound = 160;
/** As on a busy day: those that are under way together share commits, as they share the processor's caches. */
const atATime = 8;
const redirectUri = 'http://localhost:3000/oauth/callback';

/**
 * CPU time of a whole renewal (start, begin, callback; broker, vault, registry, event log and their caller in this process) beside that
 * of what a program with `openid-client` alone does at the same provider: the URL, the code exchange with PKCE, and the checks
 * of the ID token. The provider is in a process of its own.
 */
export async function measureRenewal(): Promise<Measured> {
  const provider = await startCodeProvider();
  try {
    await using world = await startRenewalWorld(provider.origin, atATime);
    const exchange = bareExchange(provider.origin);
    await cpuMsOf(world.renew);
    await cpuMsOf(exchange);
    const renewals: number[] = [];
    const exchanges: number[] = [];
    for (let round = 0; round < rounds; round++) {
      renewals.push(await cpuMsOf(world.renew));
      exchanges.push(await cpuMsOf(exchange));
    }
    const ratio = median(renewals.map((ms, round) => ms / (exchanges[round] ?? Number.NaN)));
    const [renewal, bare] = [median(renewals), median(exchanges)].map(round3);
    return {
      lines: [
        `a whole renewal: ${renewal} ms of CPU; a bare exchange: ${bare} ms`,
        `renewal to exchange: ${ratio.toFixed(2)} (goal at most 2)`,
      ],
      figures: [
        { name: 'renewal-cpu-vs-openid-client', value: round3(ratio), unit: 'x' },
        { name: 'renewal-cpu', value: renewal ?? Number.NaN, unit: 'ms/renewal' },
        { name: 'openid-client-exchange-cpu', value: bare ?? Number.NaN, unit: 'ms/exchange' },
      ],
    };
  } finally {
    await provider.stop();
  }
}

/** For each, of all threads of this process. */
async function cpuMsOf(work: (lane: number) => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  let left = perRound;
  const lanes = Array.from({ length: atATime }, async (_, lane) => {
    while (left-- > 0) await work(lane);
  });
  await Promise.all(lanes);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / perRound;
}

function bareExchange(origin: string): () => Promise<void> {
  const configuration = new oauth.Configuration(
    {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      authorization_response_iss_parameter_supported: true,
    },
    codeClient.id,
    { client_secret: codeClient.secret },
    oauth.ClientSecretBasic(codeClient.secret),
  );
  oauth.allowInsecureRequests(configuration);
  return async () => {
    const [verifier, state, nonce] = [
      oauth.randomPKCECodeVerifier(),
      oauth.randomState(),
      oauth.randomNonce(),
    ];
    const url = oauth.buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: redirectUri, scope: 'openid files.read', state, nonce },
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const answer = await oauth.authorizationCodeGrant(
      configuration,
      new URL(`${redirectUri}?${consent(url.href, 'ada')}`),
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
    );
    if (answer.claims()?.sub !== 'ada') throw new Error('the ID token names nobody');
  };
}

const round3 = (value: number) => Math.round(value * 1_000) / 1_000;
