import { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import {
  type Delivery,
  DeliveryState,
  type ListDeliveriesRequest,
} from '@credential-renewal/proto/notification/v1/deliveries';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ids, sampleSource } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

const credential = CredentialState.fromJSON({ credentialId: 'credential-1', version: '1' });
const asked: ListDeliveriesRequest[] = [];

function aDelivery(state: DeliveryState, more: Partial<Delivery> = {}): Delivery {
  return {
    notificationId: `n-${state}`,
    episodeId: 'episode-1',
    kind: 'expired',
    recipientUserId: ids.creator,
    recipientName: 'User 1',
    state,
    stateAt: new Date('2026-05-03T10:00:05Z'),
    queuedAt: new Date('2026-05-03T10:00:00Z'),
    dueAt: undefined,
    sentAt: undefined,
    explanation: '',
    inDigest: false,
    ...more,
  };
}

let world: GatewayWorld;
let withCredential = true;
beforeAll(async () => {
  world = await startGatewayWorld({
    registry: {
      async getSource({ sourceId }) {
        return { source: sampleSource({ id: sourceId, ...(withCredential && { credential }) }) };
      },
      async getAuthorizedConnection({ authorizedConnectionId }) {
        return {
          authorizedConnection: {
            id: authorizedConnectionId,
            accountId: ids.account,
            name: 'Slack admin',
            connector: sampleSource().connector,
            owner: { id: ids.admin, name: 'User 2' },
            createdAt: new Date('2026-05-01T10:00:00Z'),
            sharedWith: [],
            sourceCount: 0,
            canRenew: false,
            canDelete: false,
            canShare: false,
            credential,
          },
        };
      },
    },
    notification: {
      async listDeliveries(request) {
        asked.push(request);
        return {
          deliveries: [
            aDelivery(DeliveryState.QUEUED, { dueAt: new Date('2026-05-04T10:00:00Z') }),
            aDelivery(DeliveryState.SENT, {
              sentAt: new Date('2026-05-03T10:00:05Z'),
              inDigest: true,
            }),
            aDelivery(DeliveryState.DELIVERED),
            aDelivery(DeliveryState.BOUNCED, { explanation: 'There is no such mailbox.' }),
            aDelivery(DeliveryState.CANCELLED),
            aDelivery(DeliveryState.FAILED),
          ],
          nextPageToken: 'more',
        };
      },
    },
  });
});
afterAll(() => world.stop());

const ofSource = `/api/v1/sources/${ids.source}/deliveries`;
const ofConnection = `/api/v1/authorized-connections/${ids.connection}/deliveries`;

test('an administrator sees what became of each mail about a source', async () => {
  const response = await world.fetch(`${ofSource}?pageSize=6&pageToken=before`, { as: ids.admin });
  expect(response.status).toBe(200);
  const page = (await response.json()) as { items: { state: string }[]; nextPageToken: string };
  expect(page.nextPageToken).toBe('more');
  expect(page.items.map(({ state }) => state)).toEqual([
    'queued',
    'sent',
    'delivered',
    'bounced',
    'cancelled',
    'failed',
  ]);
  expect(page.items[0]).toEqual({
    id: 'n-1',
    episodeId: 'episode-1',
    kind: 'expired',
    recipient: { id: ids.creator, name: 'User 1' },
    state: 'queued',
    stateAt: '2026-05-03T10:00:05.000Z',
    queuedAt: '2026-05-03T10:00:00.000Z',
    dueAt: '2026-05-04T10:00:00.000Z',
    sentAt: null,
    explanation: null,
    inDigest: false,
  });
  expect(page.items[1]).toMatchObject({ sentAt: '2026-05-03T10:00:05.000Z', inDigest: true });
  expect(page.items[3]).toMatchObject({ explanation: 'There is no such mailbox.' });
  expect(asked.at(-1)).toEqual({
    accountId: ids.account,
    credentialId: 'credential-1',
    pageSize: 6,
    pageToken: 'before',
  });
});

test('the mails about an authorized connection are those of its credential', async () => {
  const response = await world.fetch(ofConnection, { as: ids.admin });
  expect(response.status).toBe(200);
  expect(asked.at(-1)).toMatchObject({ credentialId: 'credential-1', pageSize: 50 });
});

test.each([ofSource, ofConnection])(
  'who is no administrator is refused, and notification is not asked: %s',
  async (path) => {
    asked.length = 0;
    const response = await world.fetch(path, { as: ids.creator });
    expect(response.status).toBe(403);
    expect(((await response.json()) as { code: string }).code).toBe('ADMINISTRATOR_REQUIRED');
    expect(asked).toEqual([]);
  },
);

test('about a source that was never authorized nobody was told', async () => {
  asked.length = 0;
  withCredential = false;
  const response = await world.fetch(ofSource, { as: ids.admin });
  withCredential = true;
  expect(await response.json()).toEqual({ items: [], nextPageToken: null });
  expect(asked).toEqual([]);
});
