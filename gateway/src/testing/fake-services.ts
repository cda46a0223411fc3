import {
  type Authorization,
  Authorization_Status,
  type CompleteAuthorizationRequest,
  Connector_Kind,
  OauthBrokerServiceService,
  type StartRenewalRequest,
} from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { DrillServiceService } from '@credential-renewal/proto/source_registry/v1/drills';
import {
  ConnectorKind,
  Role,
  type Source,
  SourceRegistryServiceService,
  type User,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import {
  type RpcContext,
  type RpcDefinition,
  type RpcHandlers,
  serve,
} from '@credential-renewal/rpc';
import { DomainError } from '@credential-renewal/runtime';

export const ids = {
  creator: '01900000-0000-7000-8000-000000000001',
  admin: '01900000-0000-7000-8000-000000000002',
  outsider: '01900000-0000-7000-8000-000000000003',
  member: '01900000-0000-7000-8000-000000000004',
  account: '01900000-0000-7000-8000-0000000000a1',
  otherAccount: '01900000-0000-7000-8000-0000000000a2',
  source: '01900000-0000-7000-8000-0000000000b1',
  workspace: '01900000-0000-7000-8000-0000000000c1',
  connection: '01900000-0000-7000-8000-0000000000d1',
  authorization: '01900000-0000-7000-8000-0000000000e1',
  unknown: '01900000-0000-7000-8000-00000000ffff',
};

export function sampleUser(id: string, role: Role = Role.MEMBER, accountId = ids.account): User {
  return {
    id,
    account: { id: accountId, name: 'Acme' },
    name: `User ${id.slice(-1)}`,
    email: `user-${id.slice(-1)}@acme.example`,
    role,
    left: false,
  };
}

export function sampleSource(overrides: Partial<Source> = {}): Source {
  return {
    id: ids.source,
    accountId: ids.account,
    name: 'Design files',
    connector: {
      id: 'demo-drive',
      name: 'Demo Drive',
      kind: ConnectorKind.PERSONAL,
      providerName: 'Demo',
    },
    creator: { id: ids.creator, name: 'User 1' },
    creatorLeft: false,
    createdAt: new Date('2026-05-01T10:00:00Z'),
    canRenew: true,
    renewableBy: [],
    canDelete: true,
    canTakeOver: false,
    ...overrides,
  };
}

export function sampleAuthorization(overrides: Partial<Authorization> = {}): Authorization {
  return {
    id: ids.authorization,
    accountId: ids.account,
    userId: ids.creator,
    status: Authorization_Status.PENDING,
    expiresAt: new Date('2026-05-01T10:10:00Z'),
    heals: [{ id: ids.source, name: 'Design files' }],
    connectorId: 'demo-drive',
    providerName: 'Demo',
    returnTo: '/my-sources',
    renewal: true,
    missingScopes: [],
    expectedAccount: '',
    actualAccount: '',
    errorCode: '',
    errorText: '',
    providerAccount: '',
    upgradeScopes: [],
    formerGrantStays: false,
    sourceId: ids.source,
    ...overrides,
  };
}

type Handler = (request: unknown, context: RpcContext) => Promise<unknown>;

/** RPCs that a test does not speak of answer UNAVAILABLE. */
export function withDefaults<D extends RpcDefinition>(
  definition: D,
  handlers: Partial<RpcHandlers<D>>,
  isAway: () => boolean = () => false,
): RpcHandlers<D> {
  const faked = handlers as Record<string, Handler | undefined>;
  const all = Object.keys(definition).map((name) => {
    const answer: Handler = async (request, context) => {
      const handler = isAway() ? undefined : faked[name];
      if (!handler) throw new DomainError('unavailable', 'NOT_FAKED', 'Not part of the test.');
      return handler(request, context);
    };
    return [name, answer];
  });
  return Object.fromEntries(all) as RpcHandlers<D>;
}

export type FakeRegistry = Partial<
  RpcHandlers<typeof SourceRegistryServiceService> & RpcHandlers<typeof DrillServiceService>
> & {
  users: Map<string, User>;
};

export function createFakeRegistry(): FakeRegistry {
  const users = new Map(
    [
      sampleUser(ids.creator),
      sampleUser(ids.admin, Role.ADMIN),
      sampleUser(ids.outsider, Role.MEMBER, ids.otherAccount),
      sampleUser(ids.member),
    ].map((user) => [user.id, user]),
  );
  return {
    users,
    async getUser({ userId }) {
      const user = users.get(userId);
      if (!user) throw new DomainError('not_found', 'USER_NOT_FOUND', 'There is no such user.');
      if (user.left) throw new DomainError('permission_denied', 'USER_LEFT', 'This user has left.');
      return { user };
    },
    async signInUser({ subject, name, email, role }) {
      const user = { ...sampleUser(subject), name, email, role };
      users.set(subject, user);
      return { user };
    },
    async getSource({ sourceId }) {
      if (sourceId !== ids.source)
        throw new DomainError('not_found', 'SOURCE_NOT_FOUND', 'There is no such source.');
      return { source: sampleSource() };
    },
    async listSources() {
      return { sources: [sampleSource()], nextPageToken: '' };
    },
    async listWorkspaces({ callerUserId }) {
      const workspaces = [
        {
          id: ids.workspace,
          name: 'Design',
          administered: false,
          sourceCount: 1,
          needsRenewalCount: 0,
        },
      ];
      return { workspaces: callerUserId === ids.member ? workspaces : [], nextPageToken: '' };
    },
    async createSource({ name, authorizedConnectionId }) {
      return {
        source: sampleSource({
          name,
          authorizedConnection: authorizedConnectionId
            ? { id: authorizedConnectionId, name: 'Slack admin' }
            : undefined,
        }),
      };
    },
    async deleteSource() {
      return {};
    },
  };
}

export type FakeBroker = Partial<RpcHandlers<typeof OauthBrokerServiceService>> & {
  renewals: StartRenewalRequest[];
  completions: CompleteAuthorizationRequest[];
};

export function createFakeBroker(): FakeBroker {
  const renewals: StartRenewalRequest[] = [];
  const completions: CompleteAuthorizationRequest[] = [];
  return {
    renewals,
    completions,
    async listConnectors() {
      return {
        connectors: [
          {
            id: 'demo-drive',
            name: 'Demo Drive',
            kind: Connector_Kind.PERSONAL,
            scopes: ['read'],
            providerId: 'demo',
            providerName: 'Demo',
            parameters: [],
          },
          {
            id: 'demo-chat',
            name: 'Demo Chat',
            kind: Connector_Kind.ENTERPRISE,
            scopes: ['read'],
            providerId: 'demo',
            providerName: 'Demo',
            parameters: [],
          },
        ],
      };
    },
    async listScopeUpgrades() {
      return { upgrades: [] };
    },
    async startAuthorization() {
      return { authorization: sampleAuthorization({ renewal: false }) };
    },
    async startRenewal(request) {
      renewals.push(request);
      return { authorization: sampleAuthorization({ returnTo: request.returnTo }) };
    },
    async beginAuthorization() {
      return { redirectUrl: 'https://provider.example/authorize?x=1', state: 'state-1' };
    },
    async completeAuthorization(request) {
      completions.push(request);
      return { authorization: sampleAuthorization({ status: Authorization_Status.SUCCEEDED }) };
    },
    async disconnect() {
      return {};
    },
  };
}

export function serveRegistry(fake: FakeRegistry, isAway: () => boolean) {
  const { users: _, ...handlers } = fake;
  return [
    serve(
      SourceRegistryServiceService,
      withDefaults(SourceRegistryServiceService, handlers, isAway),
    ),
    serve(DrillServiceService, withDefaults(DrillServiceService, handlers, isAway)),
  ];
}

export function serveBroker(fake: FakeBroker) {
  const { renewals: _renewals, completions: _completions, ...handlers } = fake;
  return serve(OauthBrokerServiceService, withDefaults(OauthBrokerServiceService, handlers));
}
