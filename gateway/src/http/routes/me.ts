import { callerOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { toMe } from '../mapping/user.ts';
import { errorResponses } from '../responses.ts';
import { Me } from '../schemas/index.ts';

export function meRoutes(app: App): void {
  app.get(
    '/me',
    {
      schema: {
        tags: ['users'],
        summary: 'The signed-in user',
        response: { 200: Me, ...errorResponses },
      },
    },
    async (request) => toMe(callerOf(request).user),
  );
}
