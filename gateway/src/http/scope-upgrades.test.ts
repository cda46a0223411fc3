import { once } from 'node:events';
import { CredentialState, CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import type { ListScopeUpgradesRequest } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import {
  AuthorizedConnection,
  ConnectorKind,
  type Source,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { DomainError } from '@credential-renewal/runtime';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ids, sampleSource } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

const credential = CredentialState.fromPartial({
  ...{ credentialId: 'c1', accountId: ids.account, version: 1n },
  ...{ status: CredentialStatus.HEALTHY, since: new Date('2026-05-03T08:30:00Z') },
});
const living = sampleSource({ credential });
const pending = sampleSource({ id: ids.unknown, name: 'Pending' });
const connection = AuthorizedConnection.fromPartial({
  ...{ id: ids.connection, accountId: ids.account, name: 'Slack admin', credential },
  connector: { id: 'demo-chat', name: 'Demo Chat', kind: ConnectorKind.ENTERPRISE },
  ...{ owner: { id: ids.admin, name: 'User 2' }, createdAt: new Date('2026-05-01T10:00:00Z') },
});

let world: GatewayWorld;
let asked: ListScopeUpgradesRequest[];
let shown: Source[];
let broker: 'answers' | 'is away' | 'hangs';

beforeAll(async () => {
  world = await startGatewayWorld({
    registry: {
      listSources: async () => ({ sources: shown, nextPageToken: '' }),
      getSource: async () => ({ source: living }),
      takeOverSource: async () => ({ source: living }),
      listAuthorizedConnections: async () => ({
        ...{ authorizedConnections: [connection], nextPageToken: '' },
      }),
      getAuthorizedConnection: async () => ({ authorizedConnection: connection }),
      shareAuthorizedConnection: async () => ({ authorizedConnection: connection }),
    },
    broker: {
      async listScopeUpgrades(request, { signal }) {
        asked.push(request);
        if (broker === 'hangs') await once(signal, 'abort');
        if (broker !== 'answers') throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', '');
        const { uses } = request;
        return { upgrades: uses.map((use) => ({ ...use, missingScopes: ['files.comment'] })) };
      },
    },
  });
});
afterAll(() => world.stop());
beforeEach(() => {
  asked = [];
  shown = [living, pending];
  broker = 'answers';
  world.logLines.length = 0;
});

type Shown = { credential: { status: string; scopeUpgrade: unknown } };

async function read<T = Shown>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await world.fetch(`/api/v1${path}`, { as: ids.admin, ...init });
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

const wanted = { status: 'healthy', scopeUpgrade: { missingScopes: ['files.comment'] } };

test.each(['/my-sources', `/workspaces/${ids.workspace}/sources`])(
  '%s says what a release has come to need, after one question for the whole page',
  async (path) => {
    const { items } = await read<{ items: Shown[] }>(path);
    expect(items.map((item) => item.credential)).toMatchObject([
      wanted,
      { status: 'pending', scopeUpgrade: null },
    ]);
    expect(asked).toEqual([
      { accountId: ids.account, uses: [{ credentialId: 'c1', connectorId: 'demo-drive' }] },
    ]);
  },
);

test('so do authorized connections', async () => {
  const { items } = await read<{ items: Shown[] }>('/authorized-connections');
  expect(items).toMatchObject([{ credential: wanted }]);
  expect(asked[0]?.uses).toEqual([{ credentialId: 'c1', connectorId: 'demo-chat' }]);
});

test.each([
  ['GET', `/sources/${ids.source}`],
  ['GET', `/authorized-connections/${ids.connection}`],
  ['PUT', `/authorized-connections/${ids.connection}/sharing`],
])('%s %s says it of one', async (method, path) => {
  const init =
    method === 'GET'
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: '{"userIds":[]}' };
  expect(await read(path, { method, ...init })).toMatchObject({ credential: wanted });
});

test('what is still pending is asked about nowhere', async () => {
  shown = [pending];
  await read('/my-sources');
  expect(asked).toEqual([]);
});

test.each(['is away', 'hangs'] as const)(
  'a broker that %s takes no page with it: nobody is asked for anything',
  async (what) => {
    broker = what;
    const { items } = await read<{ items: Shown[] }>('/my-sources');
    expect(items[0]).toMatchObject({ credential: { status: 'healthy', scopeUpgrade: null } });
    expect(asked).toHaveLength(1);
    expect(world.logLines.join('')).toContain('whether more access is needed cannot be told');
  },
);
