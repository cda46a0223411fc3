import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { Authorization_Status as Status } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { expect, test } from 'vitest';
import { begin, beginFirst, complete } from '../testing/authorize.ts';
import { type BrokerUnderTest, startBrokerUnderTest } from '../testing/broker-under-test.ts';

const connectorId = 'orchard-drive';

/** A source that Ada authorized under the catalogue of before. */
async function withSource(broker: BrokerUnderTest): Promise<string> {
  const begun = await beginFirst(broker);
  await complete(broker, begun, broker.provider.consent(begun.redirectUrl));
  return broker.registry.sources.get('reports')?.credentialId ?? '';
}

/** A release that lets the connector need these. */
const requiring =
  (...scopes: string[]) =>
  (entry: Record<string, unknown>) => ({
    ...entry,
    connectors: { [connectorId]: { name: 'Orchard Drive', kind: 'personal', scopes } },
  });

async function missingFor(broker: BrokerUnderTest, credentialId: string): Promise<string[]> {
  const uses = [{ credentialId, connectorId }];
  const { upgrades } = await broker.rpc.listScopeUpgrades({ accountId: 'acme', uses });
  return upgrades.flatMap(({ missingScopes }) => missingScopes);
}

async function beginRenewal({ rpc }: BrokerUnderTest) {
  const { authorization } = await rpc.startRenewal({
    userId: 'ada',
    entryPoint: { $case: 'mySources', value: { sourceId: 'reports' } },
    returnTo: '/my-sources',
    switchIdentity: false,
  });
  return { started: authorization, ...(await begin(rpc, authorization?.id ?? '')) };
}

test('a scope that a release adds is asked for from its start on, and a renewal that grants it ends that', async () => {
  await using broker = await startBrokerUnderTest();
  const credentialId = await withSource(broker);
  expect(await missingFor(broker, credentialId)).toEqual([]);
  const { version } = broker.vault.credentials.get(credentialId) ?? {};

  await broker.restart(requiring('files.read', 'files.comment'));
  expect(await missingFor(broker, credentialId)).toEqual(['files.comment']);
  expect(broker.vault.credentials.get(credentialId)?.version).toBe(version);

  const begun = await beginRenewal(broker);
  expect(begun.started?.upgradeScopes).toEqual(['files.comment']);
  const asked = new URL(begun.redirectUrl).searchParams.get('scope');
  expect(asked).toBe('files.read files.comment');
  const query = broker.provider.consent(begun.redirectUrl);
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({
    ...{ status: Status.SUCCEEDED, upgradeScopes: ['files.comment'], formerGrantStays: false },
  });
  expect(await missingFor(broker, credentialId)).toEqual([]);
});

test('an upgrade that is granted in part keeps the former grant, says so, and goes on asking', async () => {
  await using broker = await startBrokerUnderTest();
  const credentialId = await withSource(broker);
  await broker.restart(requiring('files.read', 'files.comment'));
  const { accessToken } = broker.vault.credentials.get(credentialId) ?? {};
  const begun = await beginRenewal(broker);
  const query = broker.provider.consent(begun.redirectUrl, { scope: 'files.read' });
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({
    status: Status.INSUFFICIENT_SCOPE,
    missingScopes: ['files.comment'],
    formerGrantStays: true,
  });
  expect(broker.vault.credentials.get(credentialId)?.accessToken).toBe(accessToken);
  expect(await missingFor(broker, credentialId)).toEqual(['files.comment']);
});

test('a first authorization with too few scopes has no former grant to keep', async () => {
  await using broker = await startBrokerUnderTest();
  const begun = await beginFirst(broker);
  const query = broker.provider.consent(begun.redirectUrl, { scope: 'profile' });
  const { authorization } = await complete(broker, begun, query);
  expect(authorization).toMatchObject({
    ...{ status: Status.INSUFFICIENT_SCOPE, formerGrantStays: false, upgradeScopes: [] },
  });
});

test('while more is asked for, tokens are read as before: from the cache, without a question to anybody', async () => {
  await using broker = await startBrokerUnderTest();
  const credentialId = await withSource(broker);
  await broker.restart(requiring('files.read', 'files.comment'));
  const read = () =>
    broker.rpc.getAccessToken({
      accountId: 'acme',
      target: { $case: 'sourceId', value: 'reports' },
      minimumRemainingLife: undefined,
      worker: 'sync',
    });
  const first = await read();
  expect(await missingFor(broker, credentialId)).toEqual(['files.comment']);
  broker.vault.calls.length = 0;
  expect(await read()).toEqual(first);
  expect(broker.vault.calls).toEqual([]);
});

test('a renewal of a dead credential asks for everything, and is no upgrade', async () => {
  await using broker = await startBrokerUnderTest({
    entry: requiring('files.read', 'files.comment'),
  });
  const credential = broker.vault.add({ status: CredentialStatus.EXPIRED });
  broker.registry.add({ id: 'reports', credentialId: credential.id });
  expect(await missingFor(broker, credential.id)).toEqual([]);
  const begun = await beginRenewal(broker);
  expect(begun.started?.upgradeScopes).toEqual([]);
  expect(new URL(begun.redirectUrl).searchParams.get('scope')).toContain('files.comment');
});

test.each([
  ['of another account', { accountId: 'globex' }, connectorId],
  ['at another provider than the connector’s', { providerId: 'revolve' }, connectorId],
  ['of a connector that a release took out', {}, 'orchard-old'],
])('nothing is asked for a credential %s', async (_what, wishes, usedBy) => {
  await using broker = await startBrokerUnderTest({
    entry: requiring('files.read', 'files.comment'),
  });
  const { id } = broker.vault.add(wishes);
  const uses = [{ credentialId: id, connectorId: usedBy }];
  expect(await broker.rpc.listScopeUpgrades({ accountId: 'acme', uses })).toEqual({ upgrades: [] });
});

test('of two connectors that share a credential the one is asked for that needs more', async () => {
  await using broker = await startBrokerUnderTest({
    entry: (entry) => ({
      ...entry,
      connectors: {
        [connectorId]: { name: 'Drive', kind: 'personal', scopes: ['files.read', 'files.comment'] },
        'orchard-photos': { name: 'Photos', kind: 'personal', scopes: ['files.read'] },
      },
    }),
  });
  const { id: credentialId } = broker.vault.add({});
  const uses = [connectorId, 'orchard-photos'].map((used) => ({ credentialId, connectorId: used }));
  const { upgrades } = await broker.rpc.listScopeUpgrades({ accountId: 'acme', uses });
  expect(upgrades).toEqual([{ credentialId, connectorId, missingScopes: ['files.comment'] }]);
  const asked = broker.vault.calls.find(({ name }) => name === 'listGrantedScopes')?.request;
  expect(asked).toMatchObject({ credentialIds: [credentialId] });
});

test('bad input is refused by field', async () => {
  await using broker = await startBrokerUnderTest();
  const use = { credentialId: 'a', connectorId };
  const refused = (uses: (typeof use)[]) =>
    expect(broker.rpc.listScopeUpgrades({ accountId: 'acme', uses })).rejects;
  await refused([use, { ...use, credentialId: '../etc' }]).toMatchObject({
    violations: [{ field: 'uses[1].credential_id' }],
  });
  await refused(Array(201).fill(use)).toMatchObject({ violations: [{ field: 'uses' }] });
});
