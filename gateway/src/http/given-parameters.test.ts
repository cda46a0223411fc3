import {
  Connector_Kind,
  type StartAuthorizationRequest,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ids, sampleAuthorization, sampleSource } from '../testing/fake-services.ts';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

const parameter = {
  name: 'subdomain',
  label: 'Desk subdomain',
  pattern: '[a-z0-9-]+',
  help: 'What stands before .desk.example.',
  example: 'acme-support',
};
const desk = {
  ...{ id: 'desk', name: 'Desk', kind: Connector_Kind.PERSONAL, scopes: [] },
  ...{ providerId: 'desk', providerName: 'Desk', parameters: [parameter] },
};
const enterprise = { ...desk, id: 'desk-enterprise', kind: Connector_Kind.ENTERPRISE };

let world: GatewayWorld;
let created: string[] = [];
let started: StartAuthorizationRequest[] = [];
beforeAll(async () => {
  world = await startGatewayWorld({
    broker: {
      // The operator has set it for the other account.
      async listConnectors({ accountId }) {
        const isSet = accountId === ids.otherAccount;
        const connectors = [desk, enterprise];
        return {
          connectors: isSet ? connectors.map((one) => ({ ...one, parameters: [] })) : connectors,
        };
      },
      async startAuthorization(request) {
        started.push(request);
        return { authorization: sampleAuthorization({ renewal: false }) };
      },
    },
    registry: {
      async createSource({ name, authorizedConnectionId }) {
        created.push(name);
        const backing = authorizedConnectionId && { id: authorizedConnectionId, name: 'Desk' };
        return { source: sampleSource({ name, authorizedConnection: backing || undefined }) };
      },
      async createAuthorizedConnection({ name }) {
        created.push(name);
        return {
          authorizedConnection: {
            ...{ id: ids.connection, accountId: ids.account, name, createdAt: new Date(0) },
            ...{ connector: sampleSource().connector, owner: { id: ids.admin, name: 'User 2' } },
            ...{ sharedWith: [], sourceCount: 0, canRenew: true, canShare: true, canDelete: true },
          },
        };
      },
    },
  });
});
beforeEach(() => {
  created = [];
  started = [];
});
afterAll(() => world.stop());

async function post(path: string, body: object, as = ids.creator) {
  const response = await world.fetch(`/api/v1/${path}`, {
    ...{ method: 'POST', as, headers: { 'content-type': 'application/json' } },
    body: JSON.stringify(body),
  });
  const { code, errors } = (await response.json()) as { code?: string; errors?: object[] };
  return { status: response.status, code, errors };
}

test('the catalogue says what people are asked, and not where their operator has said it', async () => {
  const read = async (as: string) => {
    const response = await world.fetch('/api/v1/connectors', { as });
    const page = (await response.json()) as { items: { id: string; parameters: object[] }[] };
    return page.items.find(({ id }) => id === 'desk')?.parameters;
  };
  expect(await read(ids.creator)).toEqual([parameter]);
  expect(await read(ids.outsider)).toEqual([]);
  expect(await read(ids.creator)).toEqual([parameter]);
});

test('what was given goes to the broker, without the space around it', async () => {
  const added = await post('sources', {
    ...{ connectorId: 'desk', name: 'Tickets', parameters: { subdomain: ' acme-sales ' } },
  });
  expect(added.status).toBe(201);
  expect(started.map(({ parameters }) => parameters)).toEqual([
    { values: { subdomain: 'acme-sales' } },
  ]);
});

test.each([
  ['nothing', undefined, '/parameters/subdomain', 'is required'],
  ['white space', { subdomain: '  ' }, '/parameters/subdomain', 'is required'],
  [
    'a host',
    { subdomain: 'acme.desk.example' },
    '/parameters/subdomain',
    'must look like acme-support',
  ],
  ['an address', { subdomain: '//evil' }, '/parameters/subdomain', 'must look like acme-support'],
  [
    'a line more',
    { subdomain: 'acme\nevil' },
    '/parameters/subdomain',
    'must look like acme-support',
  ],
  ['another name', { subdomain: 'acme', host: 'x' }, '/parameters/host', 'is not asked for'],
  ['a number', { subdomain: 7 }, '/parameters/subdomain', 'must be string'],
])('%s is refused by the field, and nothing is added', async (_, parameters, pointer, detail) => {
  const refused = await post('sources', { connectorId: 'desk', name: 'Tickets', parameters });
  expect(refused).toEqual({ status: 400, code: 'INPUT_INVALID', errors: [{ pointer, detail }] });
  expect([created, started]).toEqual([[], []]);
});

test('who uses an authorized connection is asked nothing, and can say nothing', async () => {
  const backed = { connectorId: 'desk', name: 'x', authorizedConnectionId: ids.connection };
  expect((await post('sources', backed)).status).toBe(201);
  const refused = await post('sources', { ...backed, parameters: { subdomain: 'acme' } });
  expect(refused.errors).toEqual([
    { pointer: '/parameters/subdomain', detail: 'is not asked for' },
  ]);
});

test('admin credentials are asked the same', async () => {
  const connection = { connectorId: 'desk-enterprise', name: 'Desk' };
  const refused = await post('authorized-connections', connection, ids.admin);
  expect(refused.errors).toEqual([{ pointer: '/parameters/subdomain', detail: 'is required' }]);
  expect(created).toEqual([]);
  const parameters = { subdomain: 'acme' };
  const added = await post('authorized-connections', { ...connection, parameters }, ids.admin);
  expect(added.status).toBe(201);
  expect(started.map((request) => request.parameters)).toEqual([{ values: parameters }]);
});
