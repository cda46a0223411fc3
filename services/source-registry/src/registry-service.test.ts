import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addSource,
  type RegistryHarness,
  signIn,
  startRegistryHarness,
  stateOf,
} from './registry-harness.ts';

let registry: RegistryHarness;
beforeAll(async () => {
  registry = await startRegistryHarness();
});
afterAll(() => registry.stop());

test('a source survives a restart with its credential, its last sync and its history', async () => {
  const ada = await signIn(registry, 'Ada');
  const source = await addSource(registry, ada);
  await registry.rpc.attachCredential({
    use: { $case: 'sourceId', value: source.id },
    state: stateOf(ada, 'cred-restart', 1),
  });
  const syncedAt = new Date(registry.clock.nowMs() - 1000);
  await registry.rpc.reportSourceSynced({
    accountId: source.accountId,
    sourceId: source.id,
    syncedAt,
  });

  await registry.restart();

  const { source: after } = await registry.rpc.getSource({
    callerUserId: ada.id,
    sourceId: source.id,
  });
  expect(after?.credential?.credentialId).toBe('cred-restart');
  expect(after?.lastSyncedAt).toEqual(syncedAt);
  const { entries } = await registry.rpc.listAuditEntries({
    callerUserId: ada.id,
    subject: { $case: 'sourceId', value: source.id },
    pageSize: 0,
    pageToken: '',
  });
  expect(entries.map((entry) => entry.text)).toEqual([
    'Ada authorized the access to Google.',
    'Ada created the source.',
  ]);
});
