import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  CompleteAttemptRequest,
  Failure,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { Authorization } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { type Begun, begin, beginFirst, complete } from '../authorize.ts';
import { type BrokerUnderTest, startBrokerUnderTest } from '../broker-under-test.ts';
import type { FakeCredential } from '../fake-vault.ts';
import {
  type Consenting,
  type FakeProvider,
  type FakeScript,
  shippedCatalogue,
  startFakeProvider,
} from './fake-provider.ts';

export type ProviderWorld = {
  broker: BrokerUnderTest;
  fake: FakeProvider;
  /** Ada begins a first authorization; the URL she is sent to. */
  begin(sourceId?: string, parameters?: Record<string, string>): Promise<Begun>;
  finish(begun: Begun, query: string): Promise<Authorization | undefined>;
  /** Ada authorizes a new source, whole. */
  connect(sourceId?: string, as?: Consenting): Promise<Authorization | undefined>;
  /** Ada begins to renew what a source uses. */
  beginRenewal(switchIdentity?: boolean, sourceId?: string): Promise<Begun>;
  credential(sourceId?: string): FakeCredential;
  /** Lets the sweep make an attempt, and answers with what the vault was told. */
  attempt(sourceId?: string): Promise<Failure | undefined>;
} & AsyncDisposable;

/** The broker with the shipped catalogue, and one of its providers played on loopback. */
export async function startProviderWorld(
  script: FakeScript,
  /** Beside the operator's file. */
  files: Record<string, string> = {},
): Promise<ProviderWorld> {
  const fake = await startFakeProvider(script);
  const directory = await mkdtemp(join(tmpdir(), 'operator-'));
  for (const [name, content] of Object.entries({ secret: 'planted-client-secret\n', ...files })) {
    await writeFile(join(directory, name), content, { mode: 0o600 });
  }
  // JSON is YAML.
  await writeFile(join(directory, `${script.id}.yaml`), JSON.stringify(fake.file));
  const broker = await startBrokerUnderTest({
    config: { catalogueDirectories: [shippedCatalogue, directory], sweepIntervalMs: 20 },
  });

  const finish = async (begun: Begun, query: string) =>
    (await complete(broker, begun, query, { redirectProviderId: script.id })).authorization;
  const beginHere = (sourceId = 'reports', parameters = script.parameters) =>
    beginFirst(broker, sourceId, script.connector, parameters);

  function credential(sourceId = 'reports'): FakeCredential {
    const id = broker.registry.sources.get(sourceId)?.credentialId ?? '';
    const found = broker.vault.credentials.get(id);
    if (!found) throw new Error(`${sourceId} has no credential`);
    return found;
  }

  return {
    broker,
    fake,
    begin: beginHere,
    finish,
    credential,
    async connect(sourceId, as) {
      const begun = await beginHere(sourceId, as?.values);
      return finish(begun, fake.consent(begun.redirectUrl, as));
    },
    async beginRenewal(switchIdentity = false, sourceId = 'reports') {
      const { authorization } = await broker.rpc.startRenewal({
        userId: 'ada',
        entryPoint: { $case: 'mySources', value: { sourceId } },
        returnTo: '/my-sources',
        switchIdentity,
      });
      return begin(broker.rpc, authorization?.id ?? '');
    },
    async attempt(sourceId) {
      const before = broker.vault.count('completeAttempt');
      credential(sourceId).due = true;
      const deadlineMs = performance.now() + 10_000;
      while (broker.vault.count('completeAttempt') === before) {
        if (performance.now() > deadlineMs) throw new Error('no attempt was made');
        await new Promise((resolve) => setImmediate(resolve));
      }
      const made = broker.vault.calls.findLast(({ name }) => name === 'completeAttempt');
      const { outcome } = (made?.request ?? {}) as Partial<CompleteAttemptRequest>;
      return outcome?.$case === 'failure' ? outcome.value : undefined;
    },
    async [Symbol.asyncDispose]() {
      await broker.stop();
      await fake.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
