import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { AdministratorRequiredError } from '../../errors.ts';
import { callerOf, isAdmin } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { toDelivery } from '../mapping/delivery.ts';
import { required } from '../mapping/time.ts';
import { toPage, toPaging } from '../paging.ts';
import { PathId } from '../path-ids.ts';
import { errorResponses } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { Delivery, PageOf, PageQuery } from '../schemas/index.ts';

const tags = ['deliveries'];
const response = { 200: PageOf(Delivery), ...errorResponses };

/** What became of the mails about a credential, for administrators: the mails name people. */
export function deliveryRoutes(app: App, deps: RouteDeps): void {
  const { registry } = deps;

  app.get(
    '/sources/:sourceId/deliveries',
    {
      schema: {
        tags,
        summary: 'What became of the mails about a source, newest first (administrators)',
        params: Type.Object({ sourceId: PathId }),
        querystring: PageQuery,
        response,
      },
    },
    async (request) => {
      const callerUserId = administratorOf(request);
      const { sourceId } = request.params;
      const { source } = await registry.getSource({ callerUserId, sourceId });
      return listDeliveries(deps, required(source, 'source'), request.query);
    },
  );

  app.get(
    '/authorized-connections/:connectionId/deliveries',
    {
      schema: {
        tags,
        summary:
          'What became of the mails about an authorized connection, newest first (administrators)',
        params: Type.Object({ connectionId: PathId }),
        querystring: PageQuery,
        response,
      },
    },
    async (request) => {
      const callerUserId = administratorOf(request);
      const { authorizedConnection } = await registry.getAuthorizedConnection({
        callerUserId,
        authorizedConnectionId: request.params.connectionId,
      });
      const connection = required(authorizedConnection, 'authorized_connection');
      return listDeliveries(deps, connection, request.query);
    },
  );
}

function administratorOf(request: FastifyRequest): string {
  const caller = callerOf(request);
  if (!isAdmin(caller)) throw new AdministratorRequiredError('see what became of mails');
  return caller.user.id;
}

/** Without a credential nobody was told anything yet. */
async function listDeliveries(
  { deliveries }: Pick<RouteDeps, 'deliveries'>,
  use: { accountId: string; credential?: { credentialId: string } },
  query: { pageSize?: number; pageToken?: string },
): Promise<PageOf<Delivery>> {
  if (!use.credential) return toPage([], '');
  const page = await deliveries.listDeliveries({
    accountId: use.accountId,
    credentialId: use.credential.credentialId,
    ...toPaging(query),
  });
  return toPage(page.deliveries.map(toDelivery), page.nextPageToken);
}
