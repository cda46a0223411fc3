import { expect, test } from 'vitest';
import { readGatewayConfig } from './config.ts';

const env = {
  REGISTRY_ADDRESS: 'unix:/tmp/r',
  BROKER_ADDRESS: 'unix:/tmp/b',
  NOTIFICATION_ADDRESS: 'unix:/tmp/n',
  OIDC_ISSUER: 'https://idp.example',
  OIDC_CLIENT_ID: 'gateway',
  SESSION_KEY_FILE: '/tmp/key',
  UI_DIRECTORY: '/tmp/ui',
};

test('what is not set has its default', () => {
  const config = readGatewayConfig(env);
  expect(config).toMatchObject({
    host: 'localhost',
    port: 3000,
    apiAudience: 'http://localhost:3000',
    allowedOrigins: [],
  });
  expect(config.identityProvider).toMatchObject({ accountClaim: 'account', roleClaim: 'role' });
});

test('every wrong variable is named at once', () => {
  const read = () =>
    readGatewayConfig({
      PORT: '70000',
      PUBLIC_URL: 'http://app.example',
      OIDC_ISSUER: 'http://idp.example',
      ALLOWED_ORIGINS: 'https://a.example,https://b.example/path',
      RETURN_TARGET_ORIGINS: '*',
      OIDC_ALLOW_PRIVATE_HOSTS: 'idp.internal',
      EGRESS_PROXY_URL: 'socks5://proxy',
    });
  const names = [
    'PORT',
    'PUBLIC_URL',
    'REGISTRY_ADDRESS',
    'BROKER_ADDRESS',
    'NOTIFICATION_ADDRESS',
    'OIDC_ISSUER',
    'OIDC_CLIENT_ID',
    'SESSION_KEY_FILE',
    'ALLOWED_ORIGINS',
    'RETURN_TARGET_ORIGINS',
    'UI_DIRECTORY',
    'OIDC_ALLOW_PRIVATE_HOSTS',
    'EGRESS_PROXY_URL',
  ];
  for (const name of names) expect(read).toThrow(name);
});

test('an identity provider on the same machine may speak plain HTTP', () => {
  const { identityProvider } = readGatewayConfig({
    ...env,
    OIDC_ISSUER: 'http://localhost:4000/identity',
  });
  expect(identityProvider.issuer.href).toBe('http://localhost:4000/identity');
});

test('private hosts of the identity provider are listed with their ports', () => {
  const read = (hosts: string) =>
    readGatewayConfig({ ...env, OIDC_ALLOW_PRIVATE_HOSTS: hosts }).identityProvider
      .allowPrivateHosts;
  expect(read('idp.internal:443, [fd00::1]:8443')).toEqual(['idp.internal:443', '[fd00::1]:8443']);
  for (const wrong of [
    'idp.internal',
    'https://idp.internal:443',
    'idp:443/x',
    'u@idp:443',
    ':443',
  ])
    expect(() => read(wrong), wrong).toThrow('OIDC_ALLOW_PRIVATE_HOSTS');
});
