import { InputInvalidError } from '@credential-renewal/runtime';
import { accountOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { toConnector } from '../mapping/connector.ts';
import { toPage, toPaging } from '../paging.ts';
import { errorResponses } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { Connector, PageOf, PageQuery } from '../schemas/index.ts';

export function connectorRoutes(app: App, { catalogue }: RouteDeps): void {
  app.get(
    '/connectors',
    {
      schema: {
        tags: ['connectors'],
        summary: 'The catalogue',
        querystring: PageQuery,
        response: { 200: PageOf(Connector), ...errorResponses },
      },
    },
    async (request) => {
      const { pageSize, pageToken } = toPaging(request.query);
      const connectors = (await catalogue.list(accountOf(request))).map(toConnector);
      return pageAfter(connectors, pageToken, pageSize);
    },
  );
}

/** The broker gives the whole catalogue; a page token is the id of the last connector that was seen. */
function pageAfter(connectors: Connector[], lastId: string, pageSize: number) {
  const start = lastId === '' ? 0 : connectors.findIndex(({ id }) => id === lastId) + 1;
  if (lastId !== '' && start === 0)
    throw new InputInvalidError([{ field: 'page_token', description: 'is not one of ours' }]);
  const items = connectors.slice(start, start + pageSize);
  const isLast = start + pageSize >= connectors.length;
  return toPage(items, isLast ? '' : (items.at(-1)?.id ?? ''));
}
