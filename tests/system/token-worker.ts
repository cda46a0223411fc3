import type { Source } from '@credential-renewal/gateway/http-types';
import {
  type GetAccessTokenRequest,
  OauthBrokerServiceService,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect } from 'vitest';
import { createDemoControls } from './demo-controls.ts';
import { type Person, signIn } from './person.ts';
import { type Product, startProduct } from './product.ts';
import { until } from './until.ts';

export const hourSeconds = 3_600;
/** From here on an hour's token is due for a refresh (5 to 6 minutes ahead) and still lives. */
export const dueSeconds = 56 * 60;
export const graceSeconds = 60;

/** A sync worker of Ada's account, which asks the broker for tokens, and the only one that does. */
export type TokenWorker = Awaited<ReturnType<typeof workOn>>;

export async function startTokenWorker(): Promise<TokenWorker> {
  const product = await startProduct({
    DEMO_SOURCES: 'false',
    WORKER_INTERVAL_MS: '100',
    SWEEP_INTERVAL_MS: '100',
    DIGEST_WINDOW_MS: '1',
    REFRESH_HTTP_TIMEOUT_MS: '1000',
    REFRESH_LEASE_MS: '2500',
    DEMO_ROTATION_GRACE_SECONDS: String(graceSeconds),
  });
  return workOn(product).catch(async (error: unknown) => {
    await product.dispose();
    throw error;
  });
}

async function workOn(product: Product) {
  const controls = createDemoControls(product.demoUrl);
  // The tests are the workers here, or nobody could count.
  await controls.post('/worker', { paused: true });
  let ada: Person = await signIn(product, 'ada');
  const broker = product.connect(OauthBrokerServiceService, 'broker', { deadlineMs: 20_000 });
  let added = 0;

  const request = (
    source: Source,
    more: Partial<GetAccessTokenRequest> = {},
  ): GetAccessTokenRequest => ({
    accountId: ada.me.account.id,
    target: { $case: 'sourceId', value: source.id },
    minimumRemainingLife: undefined,
    worker: 'system-test',
    ...more,
  });
  const read = (source: Source) => broker.getAccessToken(request(source));

  return {
    ...{ product, controls, broker, request, read },
    get ada() {
      return ada;
    },
    /** The clock moves by hours here, and sessions end. */
    async signInAgain() {
      ada = await signIn(product, 'ada');
    },
    /** For a test of its own: nothing of an earlier one falls due in it, so what is counted belongs to it. */
    async beginAnew() {
      ada = await signIn(product, 'ada');
      for (const { id } of await ada.mySources()) await ada.call('DELETE', `/api/v1/sources/${id}`);
    },
    /** A source of its own for each test, at an account of its own. */
    async addSource(connectorId: string, provider: string) {
      added += 1;
      const account = `person-${added}@${provider}.example`;
      const source = await ada.addSource({ connectorId, name: `${provider} ${added}` }, account);
      return { source, account };
    },
    /**
     * What is read once every replica of the broker has heard that this token is no good any more: the one that the news came to
     * knows at once, the others by the event.
     */
    readAnother: (source: Source, than: { accessToken: string }) =>
      until(async () => {
        const found = await read(source);
        expect(found.accessToken).not.toBe(than.accessToken);
        return found;
      }),
    untilRefused: (source: Source) =>
      until(() => expect(read(source)).rejects.toMatchObject({ code: 'CREDENTIAL_EXPIRED' })),
    report: ({ id }: Source, tokenHash: string) =>
      broker.reportRejectedToken({
        accountId: ada.me.account.id,
        target: { $case: 'sourceId', value: id },
        tokenHash,
        worker: 'system-test',
      }),
    statusOf: async ({ id }: Source) => (await ada.source(id)).credential.status,
    async dispose() {
      broker.close();
      await product.dispose();
    },
  };
}
