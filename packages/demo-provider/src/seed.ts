import type { Logger } from '@credential-renewal/runtime';
import { createVisitor, VisitFailedError, type Visitor } from './visitor/visitor.ts';

type Named = { id: string; name: string };
type Page<T> = { items: T[]; nextPageToken: string | null };
type Authorization = { id: string; authorizationUrl: string };
type Status = { credential: { status: string } };
type Source = Named & Status;
type Connection = Named & Status;
type Workspace = Named & { administered: boolean };

type NewSource = {
  name: string;
  connectorId: string;
  /** At the provider; undefined: an authorized connection backs it. */
  account?: string;
  inWorkspace?: boolean;
};

const workspaceName = 'Marketing';
const connectionName = 'Acme Chatter';
const sources: Record<'ada' | 'max' | 'alma', NewSource[]> = {
  ada: [
    { name: 'Quarterly reports', connectorId: 'orchard-drive', account: 'ada@acme.example' },
    {
      name: 'Design files',
      connectorId: 'revolve-box',
      account: 'ada@acme.example',
      inWorkspace: true,
    },
    {
      name: 'Support tickets',
      connectorId: 'helpline-desk',
      account: 'ada@acme.example',
      inWorkspace: true,
    },
    { name: 'Company chat', connectorId: 'chatter-enterprise', inWorkspace: true },
  ],
  max: [
    {
      name: 'Contracts',
      connectorId: 'orchard-drive',
      account: 'max@acme.example',
      inWorkspace: true,
    },
  ],
  alma: [{ name: 'Board chat', connectorId: 'chatter-enterprise' }],
};

/**
 * Makes what a newcomer finds, through sign-in, API and consent pages like anybody would: a workspace, an authorized
 * connection and six sources. What exists already is left alone, what was left pending is finished.
 */
export async function seedDemoWorld(options: {
  gatewayUrl: string;
  logger: Logger;
  /** Ends the work between two steps, by throwing the signal's reason. */
  signal?: AbortSignal;
}): Promise<void> {
  const { gatewayUrl, logger, signal } = options;
  const [alma, ada, max] = [0, 1, 2].map(() => createVisitor({ gatewayUrl })) as [
    Visitor,
    Visitor,
    Visitor,
  ];
  for (const [visitor, persona] of [
    [alma, 'alma'],
    [ada, 'ada'],
    [max, 'max'],
  ] as const) {
    await visitor.signIn(persona);
    signal?.throwIfAborted();
  }
  const workspaceId = await ensureWorkspace(alma, [ada, max]);
  signal?.throwIfAborted();
  const connectionId = await ensureConnection(alma);
  let made = 0;
  for (const [visitor, wanted] of [
    [ada, sources.ada],
    [max, sources.max],
    [alma, sources.alma],
  ] as const) {
    const existing = await listAll<Source>(visitor, '/api/v1/my-sources');
    for (const source of wanted) {
      signal?.throwIfAborted();
      made += await ensureSource(visitor, source, { existing, workspaceId, connectionId });
    }
  }
  logger.info({ made }, 'the demo sources are there');
}

async function ensureWorkspace(admin: Visitor, members: Visitor[]): Promise<string> {
  const existing = await listAll<Workspace>(admin, '/api/v1/workspaces');
  const found = existing.find(({ name }) => name === workspaceName);
  if (found) return found.id;
  const { id } = await admin.call<Workspace>('POST', '/api/v1/workspaces', { name: workspaceName });
  for (const member of members) {
    const { user } = await member.call<{ user: Named }>('GET', '/api/v1/me');
    const path = `/api/v1/workspaces/${id}/members/${user.id}`;
    await admin.call('PUT', path, { membership: 'member' });
  }
  return id;
}

async function ensureConnection(admin: Visitor): Promise<string> {
  const path = '/api/v1/authorized-connections';
  const found = (await listAll<Connection>(admin, path)).find(
    ({ name }) => name === connectionName,
  );
  if (found && found.credential.status !== 'pending') return found.id;
  if (found) {
    const resumed = await admin.call<Authorization>('POST', `${path}/${found.id}/renewals`, {});
    await finish(admin, resumed, 'Acme');
    return found.id;
  }
  const made = await admin.call<{
    authorizedConnection: Connection;
    authorization: Authorization;
  }>('POST', path, { connectorId: 'chatter-enterprise', name: connectionName });
  await finish(admin, made.authorization, 'Acme');
  return made.authorizedConnection.id;
}

/** Answers with the number of sources it made or finished. */
async function ensureSource(
  visitor: Visitor,
  source: NewSource,
  world: { existing: Source[]; workspaceId: string; connectionId: string },
): Promise<number> {
  const { name, connectorId, account, inWorkspace } = source;
  const found = world.existing.find((candidate) => candidate.name === name);
  if (found && found.credential.status !== 'pending') return 0;
  if (found) {
    if (account === undefined) return 0;
    const path = `/api/v1/my-sources/${found.id}/renewals`;
    await finish(visitor, await visitor.call<Authorization>('POST', path, {}), account);
    return 1;
  }
  const { authorization } = await visitor.call<{ authorization: Authorization | null }>(
    'POST',
    '/api/v1/sources',
    {
      connectorId,
      name,
      ...(inWorkspace ? { workspaceId: world.workspaceId } : {}),
      ...(account === undefined ? { authorizedConnectionId: world.connectionId } : {}),
    },
  );
  if (authorization && account !== undefined) await finish(visitor, authorization, account);
  return 1;
}

async function finish(
  visitor: Visitor,
  { id, authorizationUrl }: Authorization,
  account: string,
): Promise<void> {
  await visitor.authorize(authorizationUrl, { account });
  const { status } = await visitor.call<{ status: string }>('GET', `/api/v1/authorizations/${id}`);
  if (status !== 'succeeded') {
    throw new VisitFailedError(`an authorization of the demo world ended as ${status}`);
  }
}

async function listAll<T>(visitor: Visitor, path: string): Promise<T[]> {
  const items: T[] = [];
  let pageToken: string | null = null;
  do {
    const query: string = pageToken === null ? '' : `&pageToken=${encodeURIComponent(pageToken)}`;
    const page: Page<T> = await visitor.call('GET', `${path}?pageSize=200${query}`);
    items.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
  return items;
}
