import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventLog, openEmbeddedEventLog } from '@credential-renewal/events';
import {
  Actor_Kind,
  CredentialState,
  CredentialStatus,
} from '@credential-renewal/proto/events/v1/credential';
import { DrillServiceService } from '@credential-renewal/proto/source_registry/v1/drills';
import {
  type AuthorizedConnection,
  ConnectorKind,
  type ConnectorRef,
  Role,
  type Source,
  SourceRegistryServiceService,
  type User,
  type Workspace,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcClient, type RpcClient } from '@credential-renewal/rpc';
import {
  createLogger,
  createShiftableClock,
  type ShiftableClock,
} from '@credential-renewal/runtime';
import type { StoreSettings } from '@credential-renewal/storage';
import { Registry } from 'prom-client';
import type { SourceRegistryConfig } from './config.ts';
import { startSourceRegistry } from './start-source-registry.ts';

export const drive: ConnectorRef = {
  id: 'google-drive',
  name: 'Google Drive',
  kind: ConnectorKind.PERSONAL,
  providerName: 'Google',
};
export const slack: ConnectorRef = {
  id: 'slack-enterprise',
  name: 'Slack Enterprise',
  kind: ConnectorKind.ENTERPRISE,
  providerName: 'Slack',
};

export type RegistryHarness = {
  rpc: RpcClient<typeof SourceRegistryServiceService>;
  drills: RpcClient<typeof DrillServiceService>;
  clock: ShiftableClock;
  eventLog: EventLog;
  metrics: Registry;
  /** Stops the service and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** The whole service over a unix socket, with an event log of its own: what its tests talk to. By default its store is a file. */
export async function startRegistryHarness(
  options: { store?: StoreSettings } = {},
): Promise<RegistryHarness> {
  const directory = mkdtempSync(join(tmpdir(), 'reg-'));
  const clock = createShiftableClock();
  const logger = createLogger({ service: 'source-registry', level: 'silent' });
  const config: SourceRegistryConfig = {
    listenAddress: `unix:${join(directory, 's')}`,
    store: options.store ?? { engine: 'sqlite', path: join(directory, 'registry.db') },
  };
  const start = async () => {
    const eventLog = await openEmbeddedEventLog({
      directory: join(directory, 'log'),
      clock,
      logger,
    });
    const metrics = new Registry();
    const service = await startSourceRegistry(config, { clock, logger, metrics, eventLog });
    const rpc = createRpcClient(SourceRegistryServiceService, service.address, {
      deadlineMs: 5_000,
    });
    const drills = createRpcClient(DrillServiceService, service.address, { deadlineMs: 5_000 });
    const stop = async () => {
      rpc.close();
      drills.close();
      await service.stop();
      await eventLog.close();
    };
    return { rpc, drills, eventLog, metrics, stop };
  };
  let running = await start();
  return {
    get rpc() {
      return running.rpc;
    },
    get drills() {
      return running.drills;
    },
    get eventLog() {
      return running.eventLog;
    },
    get metrics() {
      return running.metrics;
    },
    clock,
    async restart() {
      await running.stop();
      running = await start();
    },
    async stop() {
      await running.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Signs somebody in; the name is the subject, too. */
export async function signIn(
  { rpc }: RegistryHarness,
  name: string,
  { role = Role.MEMBER, account = 'acme' }: { role?: Role; account?: string } = {},
): Promise<User> {
  const { user } = await rpc.signInUser({
    issuer: 'https://idp.example',
    subject: name,
    accountKey: account,
    accountName: account,
    name,
    email: `${name}@example.com`,
    role,
  });
  return present(user);
}

export async function addSource(
  { rpc }: RegistryHarness,
  by: User,
  more: { name?: string; workspaceId?: string; authorizedConnectionId?: string } = {},
): Promise<Source> {
  const connector = more.authorizedConnectionId ? slack : drive;
  const answer = await rpc.createSource({ callerUserId: by.id, connector, name: 'Docs', ...more });
  return present(answer.source);
}

export async function addWorkspace({ rpc }: RegistryHarness, by: User): Promise<Workspace> {
  const { workspace } = await rpc.createWorkspace({ callerUserId: by.id, name: 'Marketing' });
  return present(workspace);
}

export async function addConnection(
  { rpc }: RegistryHarness,
  by: User,
): Promise<AuthorizedConnection> {
  const { authorizedConnection } = await rpc.createAuthorizedConnection({
    callerUserId: by.id,
    connector: slack,
    name: 'Company Slack',
  });
  return present(authorizedConnection);
}

/** A state of a credential of `by`'s account, healthy unless told otherwise. */
export function stateOf(
  by: User,
  credentialId: string,
  version: number,
  more: Partial<CredentialState> = {},
): CredentialState {
  return {
    ...CredentialState.fromJSON({}),
    credentialId,
    accountId: present(by.account).id,
    version: BigInt(version),
    providerId: 'google',
    providerName: 'Google',
    clientId: 'client',
    status: CredentialStatus.HEALTHY,
    since: new Date('2026-05-03T10:00:00Z'),
    actor: { kind: Actor_Kind.USER, id: by.id },
    ...more,
  };
}

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The answer lacks what the test asked for');
  return value;
}
