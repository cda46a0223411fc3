import { setTimeout as wait } from 'node:timers/promises';
import {
  type GetAccessTokenRequest,
  OauthBrokerServiceClient,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { startBrokerProcess } from '../faults/refresh/broker-process.ts';
import { accountId } from '../faults/refresh/first-authorization.ts';
import { startRefreshWorld } from '../faults/refresh/refresh-world.ts';
import { startBareServer } from './bare-grpc-server.ts';
import type { Measured } from './figure.ts';
import { median, percentile } from './statistics.ts';

const rounds = 5;
const callsPerRound = 4_000;
const atATime = 16;
const pacedPerSecond = 1_000;
const pacedForMs = 5_000;

/**
 * Fresh reads of an access token through the broker (cached: no write, no lock, no provider call) beside a bare grpc-js server
 * that answers the same message from another process, in turn, each alone in its process. Both are called by the same bare client: as fast as they
 * answer, and then a thousand times a second.
 */
export async function measureTokenReads(): Promise<Measured> {
  await using world = await startRefreshWorld({ credentials: 1, graceSeconds: 0 });
  const { address } = await startBrokerProcess(world, { measured: true, sweepIntervalMs: 5_000 });
  const bare = await startBareServer();
  try {
    const request: GetAccessTokenRequest = {
      accountId,
      target: { $case: 'credentialId', value: world.credentials[0] ?? '' },
      minimumRemainingLife: undefined,
      worker: 'bench',
    };
    const broker = new OauthBrokerServiceClient(address, credentials.createInsecure());
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
    const paced = percentile(await pacedTimes(broker, request), 0.99);
    const pacedPlain = percentile(await pacedTimes(plain, request), 0.99);
    broker.close();
    plain.close();
    const ratio = median(ratios);
    return {
      lines: [
        `fresh reads: ${median(rates)} per second, ${atATime} at a time`,
        `as a share of a bare grpc-js server: ${ratio.toFixed(2)} (goal at least 0.8; runs ${ratios.map((one) => one.toFixed(2)).join(', ')})`,
        `at ${pacedPerSecond} reads per second: p99 ${paced.toFixed(1)} ms (goal under 5); of the bare server ${pacedPlain.toFixed(1)} ms`,
      ],
      figures: [
        { name: 'fresh-read-vs-grpc-echo', value: Math.round(ratio * 1_000) / 1_000, unit: 'x' },
        { name: 'fresh-reads', value: median(rates), unit: 'reads/s' },
        { name: 'fresh-read-p99', value: Math.round(paced * 100) / 100, unit: 'ms' },
        { name: 'grpc-echo-p99', value: Math.round(pacedPlain * 100) / 100, unit: 'ms' },
      ],
    };
  } finally {
    await bare.stop();
  }
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
      await call(client, request);
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return callsPerRound / ((performance.now() - startedMs) / 1000);
}

/** Milliseconds from the moment at which each call was due, so that a stall is counted for all who came in it. */
async function pacedTimes(
  client: OauthBrokerServiceClient,
  request: GetAccessTokenRequest,
): Promise<number[]> {
  const total = (pacedPerSecond * pacedForMs) / 1_000;
  const startMs = performance.now();
  const calls: Promise<number>[] = [];
  const timed = async (dueMs: number) => {
    await call(client, request);
    return performance.now() - dueMs;
  };
  while (calls.length < total) {
    const due = Math.min(
      total,
      Math.floor(((performance.now() - startMs) * pacedPerSecond) / 1_000),
    );
    while (calls.length < due) {
      calls.push(timed(startMs + ((calls.length + 1) * 1_000) / pacedPerSecond));
    }
    await wait(1);
  }
  return Promise.all(calls);
}

function call(client: OauthBrokerServiceClient, request: GetAccessTokenRequest): Promise<void> {
  return new Promise((done, fail) =>
    client.getAccessToken(request, (error: ServiceError | null) => (error ? fail(error) : done())),
  );
}
