import { expect, test } from 'vitest';
import { readSourceFiles } from '../check/source-files.ts';
import { readCallGraph } from './call-graph.ts';
import { servedContracts } from './served-contracts.ts';

/** By people, with a tool: no code of ours calls it. */
const byHand = { 'oauth_broker.v1.OauthBrokerService/listTokenReads': ['operator'] };

test('the tables of callers let in who calls in the code, and nobody else', () => {
  const { callers, problems } = readCallGraph(readSourceFiles(), servedContracts);
  expect(problems).toEqual([]);
  const allowed = Object.fromEntries(
    servedContracts.flatMap(({ name, callers: table }) =>
      Object.entries(table).map(([method, list]) => [`${name}/${method}`, [...list].sort()]),
    ),
  );
  expect(allowed).toEqual({ ...callers, ...byHand });
});

test('tokens in the vault are for the broker alone, and a worker can do three things', () => {
  const of = (name: string) => servedContracts.find((one) => one.name.endsWith(name))?.callers;
  const vault = Object.values(of('.CredentialVaultService') ?? {});
  expect(vault.length).toBeGreaterThan(10);
  for (const list of vault) expect(list).toEqual(['oauth-broker']);
  const forWorkers = servedContracts.flatMap(({ callers }) =>
    Object.keys(callers).filter((method) => callers[method]?.includes('worker')),
  );
  expect(forWorkers).toEqual(['getAccessToken', 'reportRejectedToken', 'reportSourceSynced']);
});

test('a call that no table names, a contract that nobody lists and a client without certificates are found', () => {
  const file = (path: string, text: string) => ({ path, text });
  const { callers, problems } = readCallGraph(
    [
      file(
        'gateway/src/a.ts',
        'rpc.connect(OauthBrokerServiceService, x);\nbroker\n  .getAccessToken({})',
      ),
      file('services/notification/src/b.ts', 'rpc.connect(\n  SecretServiceService, x)'),
      file('services/notification/src/c.ts', 'createRpcClient(OauthBrokerServiceService, x)'),
      file('services/notification/src/c.test.ts', 'createRpcClient(OauthBrokerServiceService, x)'),
    ],
    servedContracts,
  );
  expect(callers).toEqual({ 'oauth_broker.v1.OauthBrokerService/getAccessToken': ['gateway'] });
  expect(problems).toEqual([
    'notification connects to SecretServiceService, which is not in served-contracts.ts',
    'services/notification/src/c.ts: makes a client or server past openRpcEndpoint',
  ]);
});
