import { expect, test } from 'vitest';
import type { CatalogueProvider } from './catalogue.ts';
import { createCatalogue } from './catalogue.ts';
import { chooseClient, findProvider, missingValues } from './choose-client.ts';

const client = (name: string, id: string, values: Record<string, string> = {}) => ({
  ...{ name, id, values, authentication: 'none' as const, secret: undefined, signing: undefined },
});
const provider: CatalogueProvider = {
  id: 'desk',
  name: 'Desk',
  issuer: 'https://{host}.desk.example',
  endpoints: {
    authorization: 'https://{host}.desk.example/authorize',
    token: 'https://{host}.desk.example/{area}/token',
  },
  variables: { host: { pattern: '.+' }, area: { pattern: '.+', default: 'oauth' } },
  clients: [client('default', 'ours'), client('acme', 'of-acme', { host: 'acme' })],
  accounts: { acme: { client: 'acme' }, globex: { values: { host: 'globex', area: 'eu' } } },
  accessToken: { lifetimeSeconds: 60 },
  identity: { kind: 'user', call: 'https://{host}.desk.example/me', key: '/id', label: '/id' },
  verdicts: [],
  connectors: { desk: { name: 'Desk', kind: 'personal', scopes: [] } },
};
const catalogue = createCatalogue([provider]);
const find = (accountId: string, clientId = '') =>
  findProvider(catalogue, { providerId: 'desk', clientId, accountId });

test('an account’s own client goes before a connector’s, and both before the default', () => {
  expect(chooseClient(provider, 'acme', { client: 'default' })?.name).toBe('acme');
  expect(chooseClient(provider, 'globex', { client: 'acme' })?.name).toBe('acme');
  expect(chooseClient(provider, 'globex')?.name).toBe('default');
});

test('placeholders are filled by the account, else the client, else the default', () => {
  expect(find('globex')?.endpoints?.token).toBe('https://globex.desk.example/eu/token');
  expect(find('acme')?.endpoints?.token).toBe('https://acme.desk.example/oauth/token');
  expect(find('acme')?.identity.call).toBe('https://acme.desk.example/me');
});

test('a credential keeps the client it was made with, whatever is chosen today', () => {
  expect(find('globex', 'of-acme')?.client.name).toBe('acme');
  expect(find('globex', 'of-nobody')).toBeUndefined();
});

test('where a value is missing there is no provider, and the name of the value is told', () => {
  const [chosen] = provider.clients;
  expect(find('initech')).toBeUndefined();
  expect(chosen && missingValues(provider, chosen, 'initech')).toEqual(['host']);
});

test('an account that is named like a property of every object has nothing of its own', () => {
  expect(chooseClient(provider, 'constructor')?.name).toBe('default');
  expect(find('toString')).toBeUndefined();
});
