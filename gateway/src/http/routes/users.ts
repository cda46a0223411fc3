import { Type } from 'typebox';
import { callerOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { required } from '../mapping/time.ts';
import { toUser } from '../mapping/user.ts';
import { toPage, toPaging } from '../paging.ts';
import { PathId } from '../path-ids.ts';
import { errorResponses } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { PageOf, PageQuery, User, UserChange } from '../schemas/index.ts';

export function userRoutes(app: App, { registry, users }: RouteDeps): void {
  app.get(
    '/users',
    {
      schema: {
        tags: ['users'],
        summary: 'The users of the account',
        querystring: PageQuery,
        response: { 200: PageOf(User), ...errorResponses },
      },
    },
    async (request) => {
      const page = await registry.listUsers({
        callerUserId: callerOf(request).user.id,
        ...toPaging(request.query),
      });
      return toPage(page.users.map(toUser), page.nextPageToken);
    },
  );

  app.patch(
    '/users/:userId',
    {
      schema: {
        tags: ['users'],
        summary: 'Say that somebody has left, or is back (administrators)',
        params: Type.Object({ userId: PathId }),
        body: UserChange,
        response: { 200: User, ...errorResponses },
      },
    },
    async (request) => {
      const { userId } = request.params;
      const { user } = await registry.setUserLeft({
        callerUserId: callerOf(request).user.id,
        userId,
        left: request.body.left,
      });
      users.forget(userId);
      return toUser(required(user, 'user'));
    },
  );
}
