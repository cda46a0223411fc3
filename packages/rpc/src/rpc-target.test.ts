import { readSettings } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { parseRpcTarget, readRpcTarget } from './rpc-target.ts';

test('a target is a socket, a host, or the hosts of the replicas', () => {
  expect(parseRpcTarget('unix:/run/vault')).toBe('unix:/run/vault');
  expect(parseRpcTarget('vault:50051')).toBe('replicas:///vault:50051');
  expect(parseRpcTarget('10.0.0.1:50051, [::1]:50051,vault-1.example:50052')).toBe(
    'replicas:///10.0.0.1:50051,[::1]:50051,vault-1.example:50052',
  );
});

test.each([
  ['vault:1,', '"" is no RPC address'],
  ['vault', '"vault" is no RPC address'],
  ['vault:0', 'nobody listens on port 0'],
  ['vault:1,vault:1', 'names vault:1 twice'],
  ['unix:/a,unix:/b', 'each must be host:port'],
  ['vault:1,unix:/b', 'each must be host:port'],
])('%j is refused in words', (target, words) => {
  expect(() => parseRpcTarget(target)).toThrow(
    expect.objectContaining({
      code: 'RPC_ADDRESS_INVALID',
      message: expect.stringContaining(words),
    }),
  );
});

test('a wrong target is told with the other wrong settings, by the name of its variable', () => {
  const env = { VAULT_ADDRESS: 'vault:1,vault:1', REGISTRY_ADDRESS: 'registry' };
  const read = () =>
    readSettings(env, (settings) => ({
      vault: readRpcTarget(settings, 'VAULT_ADDRESS'),
      registry: readRpcTarget(settings, 'REGISTRY_ADDRESS'),
      broker: readRpcTarget(settings, 'BROKER_ADDRESS'),
    }));
  expect(read).toThrow(
    expect.objectContaining({
      problems: [
        expect.stringMatching(/^VAULT_ADDRESS: .* names vault:1 twice$/),
        expect.stringMatching(/^REGISTRY_ADDRESS: "registry" is no RPC address/),
        'BROKER_ADDRESS must be set',
      ],
    }),
  );
});
