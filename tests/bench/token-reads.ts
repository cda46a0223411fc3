import { createVisitor } from '@credential-renewal/demo-provider';
import {
  type GetAccessTokenRequest,
  OauthBrokerServiceClient,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { startStandaloneProcess } from '../system/standalone-process.ts';
import { startBareServer } from './bare-grpc-server.ts';
import type { Measured } from './figure.ts';
import { median } from './statistics.ts';

const rounds = 5;
const callsPerRound = 4_000;
const atATime = 16;

/**
 * Fresh reads of an access token through the broker (cached: no write, no lock, no provider call) beside a bare grpc-js server
 * that answers the same message from another process, in turn. Both are called by the same bare client.
 */
export async function measureTokenReads(): Promise<Measured> {
  const standalone = await startStandaloneProcess({
    DEMO_SOURCES: 'false',
    WORKER_INTERVAL_MS: '600000',
    LOG_LEVEL: 'warn',
  });
  const bare = await startBareServer();
  try {
    const request = await prepareSource(standalone.gatewayUrl);
    const broker = new OauthBrokerServiceClient(
      standalone.address('broker'),
      credentials.createInsecure(),
    );
    const plain = new OauthBrokerServiceClient(bare.address, credentials.createInsecure());
    await rateOf(broker, request);
    await rateOf(plain, request);
    const ratios: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const rate = await rateOf(broker, request);
      rates.push(Math.round(rate));
      ratios.push(rate / (await rateOf(plain, request)));
    }
    broker.close();
    plain.close();
    const ratio = median(ratios);
    return {
      lines: [
        `fresh reads: ${median(rates)} per second, ${atATime} at a time`,
        `as a share of a bare grpc-js server: ${ratio.toFixed(2)} (runs ${ratios.map((one) => one.toFixed(2)).join(', ')})`,
      ],
      figures: [
        { name: 'fresh-read-vs-grpc-echo', value: Math.round(ratio * 1_000) / 1_000, unit: 'x' },
        { name: 'fresh-reads', value: median(rates), unit: 'reads/s' },
      ],
    };
  } finally {
    await bare.stop();
    await standalone.dispose();
  }
}

async function prepareSource(gatewayUrl: string): Promise<GetAccessTokenRequest> {
  const ada = createVisitor({ gatewayUrl });
  await ada.signIn('ada');
  const { source, authorization } = await ada.call<{
    source: { id: string };
    authorization: { authorizationUrl: string };
  }>('POST', '/api/v1/sources', { connectorId: 'orchard-drive', name: 'Read often' });
  await ada.authorize(authorization.authorizationUrl, { account: 'ada@acme.example' });
  const { account } = await ada.call<{ account: { id: string } }>('GET', '/api/v1/me');
  return {
    accountId: account.id,
    target: { $case: 'sourceId', value: source.id },
    minimumRemainingLife: undefined,
    worker: 'bench',
  };
}

/** Calls per second. */
async function rateOf(
  client: OauthBrokerServiceClient,
  request: GetAccessTokenRequest,
): Promise<number> {
  let left = callsPerRound;
  const startedMs = performance.now();
  const lane = async () => {
    while (left-- > 0) {
      await new Promise<void>((done, fail) =>
        client.getAccessToken(request, (error: ServiceError | null) =>
          error ? fail(error) : done(),
        ),
      );
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return callsPerRound / ((performance.now() - startedMs) / 1000);
}
