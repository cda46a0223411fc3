import {
  type ListDeletingUsesResponse_DeletingUse as DeletingUse,
  SourceRegistryServiceService,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { type RpcHandlers, serve } from '@credential-renewal/rpc';
import { DomainError } from '@credential-renewal/runtime';
import { recorded } from './fake-vault.ts';

type Handlers = RpcHandlers<typeof SourceRegistryServiceService>;

export type FakeSource = {
  id: string;
  accountId: string;
  creatorId: string;
  connectorId: string;
  credentialId: string | undefined;
};

export type FakeRegistry = ReturnType<typeof createFakeRegistry>;

const notFound = () => new DomainError('not_found', 'SOURCE_NOT_FOUND', 'There is none.');

/** The part of the registry that the broker calls, in memory: sources that only their creator may renew. */
export function createFakeRegistry() {
  const sources = new Map<string, FakeSource>();
  const deleting: DeletingUse[] = [];
  const calls: { name: string; request: unknown }[] = [];
  const down = new Set<string>();
  const silent = new Set<string>();

  function ofCreator(sourceId: string, userId: string): FakeSource {
    const source = sources.get(sourceId);
    if (source?.creatorId !== userId) throw notFound();
    return source;
  }

  const used: Partial<Handlers> = {
    authorizeFirstAuthorization: async ({ callerUserId, use }) => {
      const { id, accountId, connectorId } = ofCreator(use?.value ?? '', callerUserId);
      return { accountId, connectorId, use: { id, name: 'Reports' } };
    },
    authorizeRenewal: async ({ callerUserId, entryPoint }) => {
      const sourceId =
        entryPoint && 'sourceId' in entryPoint.value ? entryPoint.value.sourceId : '';
      const { id, accountId, connectorId, credentialId } = ofCreator(sourceId, callerUserId);
      return {
        ...{ accountId, connectorId, credentialId },
        use: { id, name: 'Reports' },
        heals: [...sources.values()]
          .filter((source) => source.credentialId === credentialId)
          .map((source) => ({ id: source.id, name: 'Reports' })),
        connectorIds: [connectorId],
      };
    },
    resolveCredential: async ({ accountId, sourceId }) => {
      const source = sources.get(sourceId);
      if (source?.accountId !== accountId) throw notFound();
      return { credentialId: source.credentialId };
    },
    attachCredential: async ({ use, state }) => {
      const source = sources.get(use?.value ?? '');
      if (!source) throw notFound();
      source.credentialId = state?.credentialId;
      return {};
    },
    applyCredentialState: async () => ({}),
    listDeletingUses: async () => ({ uses: deleting }),
    completeDeletion: async ({ use }) => {
      sources.delete(use?.value ?? '');
      const index = deleting.findIndex((found) => found.use?.value === use?.value);
      if (index >= 0) deleting.splice(index, 1);
      return {};
    },
  };

  const handlers = Object.fromEntries(
    Object.keys(SourceRegistryServiceService).map((name) => [
      name,
      used[name as keyof Handlers] ??
        (async () => {
          throw new Error(`the broker does not call ${name}`);
        }),
    ]),
  ) as Handlers;

  return {
    sources,
    deleting,
    calls,
    down,
    silent,
    add(source: Partial<FakeSource> & { id: string }): FakeSource {
      const added: FakeSource = {
        accountId: 'acme',
        creatorId: 'ada',
        connectorId: 'orchard-drive',
        credentialId: undefined,
        ...source,
      };
      sources.set(source.id, added);
      return added;
    },
    count: (name: keyof Handlers) => calls.filter((call) => call.name === name).length,
    service: serve(SourceRegistryServiceService, recorded(handlers, { calls, down, silent })),
  };
}
