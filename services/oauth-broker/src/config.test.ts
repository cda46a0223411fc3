import { delimiter } from 'node:path';
import { expect, test } from 'vitest';
import { readOauthBrokerConfig } from './config.ts';

const env = {
  LISTEN_ADDRESS: 'unix:/run/broker',
  STORE_URL: 'sqlite:broker.db',
  VAULT_ADDRESS: 'unix:/run/vault',
  REGISTRY_ADDRESS: 'unix:/run/registry',
  PUBLIC_URL: 'https://product.example',
  CATALOGUE_DIRECTORY: 'catalogue',
};

test('the defaults keep a lease longer than twice the longest request', () => {
  const config = readOauthBrokerConfig(env);
  expect(config.refreshLeaseMs).toBeGreaterThan(2 * config.refreshHttpTimeoutMs);
});

test('a lease that a slow request could outlive is refused by name', () => {
  expect(() =>
    readOauthBrokerConfig({ ...env, REFRESH_LEASE_MS: '8000', REFRESH_HTTP_TIMEOUT_MS: '4000' }),
  ).toThrow('REFRESH_LEASE_MS must be more than twice REFRESH_HTTP_TIMEOUT_MS');
});

test('every wrong variable is named at once', () => {
  const read = () =>
    readOauthBrokerConfig({ STORE_URL: 'postgres://host/db', PUBLIC_URL: 'ftp:x' });
  for (const name of [
    'LISTEN_ADDRESS',
    'STORE_URL',
    'VAULT_ADDRESS',
    'REGISTRY_ADDRESS',
    'PUBLIC_URL',
    'CATALOGUE_DIRECTORY',
  ]) {
    expect(read).toThrow(name);
  }
});

test('the catalogue may lie in several directories, written as in PATH', () => {
  const config = readOauthBrokerConfig({
    ...env,
    CATALOGUE_DIRECTORY: ['shipped', '', 'own'].join(delimiter),
  });
  expect(config.catalogueDirectories).toEqual(['shipped', 'own']);
});
