import { HealthService } from '@credential-renewal/proto/grpc/health/v1/health';
import {
  type Caller,
  everyCaller,
  openRpcEndpoint,
  type RpcDefinition,
} from '@credential-renewal/rpc';
import { createLogger, DomainError } from '@credential-renewal/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawnNode } from '../system/spawned-process.ts';
import { type SecuredServices, startSecuredServices } from './secured-services.ts';
import { type ServedContract, servedContracts } from './served-contracts.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
let services: SecuredServices;

beforeAll(async () => {
  services = await startSecuredServices();
}, 60_000);
afterAll(() => services?.stop());

/** `credential_vault.v1.VaultKeysService` is served by `credential-vault`. */
const servedBy = ({ name }: ServedContract) =>
  (name.split('.')[0] ?? '').replaceAll('_', '-') as keyof SecuredServices['metrics'];

/** Which methods of a contract let this caller in, when it calls each with an empty request. */
async function methodsOpenTo(caller: Caller, contract: ServedContract): Promise<string[]> {
  const { definition } = contract;
  const rpc = openRpcEndpoint(caller, { tlsDirectory: services.certificates[caller] }, { logger });
  const client = rpc.connect(definition, services.address(servedBy(contract)), {
    deadlineMs: 20_000,
  });
  try {
    const open = await Promise.all(
      Object.entries(definition).map(async ([method, { requestDeserialize }]) => {
        const empty = requestDeserialize(Buffer.alloc(0));
        const error = await (client[method] as Call)(empty).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined && !(error instanceof DomainError)) throw error;
        // Nobody may be let in just because nobody answered.
        if (error?.kind === 'unavailable' && error.code === 'SERVICE_UNAVAILABLE')
          expect(error.metadata['service']).not.toBe(contract.name);
        return error?.code === 'CALLER_NOT_ALLOWED' ? [] : [method];
      }),
    );
    return open.flat();
  } finally {
    client.close();
    rpc.close();
  }
}

type Call = (request: unknown) => Promise<unknown>;

test.each(servedContracts.map((contract) => [contract.name, contract] as const))(
  'every method of %s lets in whom its table names, and of all callers nobody else',
  async (_, contract) => {
    const seen: Record<string, Caller[]> = {};
    for (const method of Object.keys(contract.definition)) seen[method] = [];
    for (const caller of everyCaller)
      for (const method of await methodsOpenTo(caller, contract)) seen[method]?.push(caller);
    const sorted = (table: ServedContract['callers']) =>
      Object.fromEntries(Object.entries(table).map(([name, list]) => [name, [...list].sort()]));
    expect(sorted(seen)).toEqual(sorted(contract.callers));
    const refused = Object.values(seen).reduce(
      (sum, list) => sum + everyCaller.length - list.length,
      0,
    );
    expect(await refusalsCounted(contract)).toBe(refused);
  },
  60_000,
);

async function refusalsCounted(contract: ServedContract): Promise<number> {
  const text =
    await services.metrics[servedBy(contract)].getSingleMetricAsString('rpc_calls_refused_total');
  const lines = text.split('\n').filter((line) => line.includes(`method="${contract.name}/`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

test.each([
  ['that rotates keys', 'rotate-keys.ts', '--status'],
  ['that decides holds', 'decide-holds.ts', '--list'],
])(
  'the command %s is let in with the certificate of an operator, and says so of another',
  async (_, file, flag) => {
    const run = async (caller: Caller) => {
      const command = spawnNode([`services/credential-vault/src/${file}`, flag], {
        PATH: process.env['PATH'],
        VAULT_ADDRESS: services.address('credential-vault'),
        RPC_TLS_DIRECTORY: services.certificates[caller],
      });
      return { code: await command.ended, ...{ told: command.told(), errors: command.errors() } };
    };
    expect(await run('operator')).toMatchObject({ code: 0, errors: '' });
    const refused = await run('worker');
    expect(refused.code).toBe(1);
    expect(refused.errors).toMatch(/^\S+tls\.crt does not name operator .*\n$/);
  },
  60_000,
);

test('no service serves a contract that is not listed here', async () => {
  const { list } = HealthService;
  const names = await Promise.all(
    services.healthAddresses.map(async (address) => {
      const rpc = openRpcEndpoint('operator', {}, { logger });
      const health = rpc.connect({ list } satisfies RpcDefinition, address, { deadlineMs: 20_000 });
      const { statuses } = await health.list({});
      health.close();
      return Object.keys(statuses).filter((name) => name !== '');
    }),
  );
  expect(names.flat().sort()).toEqual(servedContracts.map(({ name }) => name).sort());
});
