import { type Caller, callerOf } from '../../session/caller.ts';
import type { App } from '../app-type.ts';
import { fromPreferences, toPreferences } from '../mapping/preferences.ts';
import { required } from '../mapping/time.ts';
import { errorResponses } from '../responses.ts';
import type { RouteDeps } from '../route-deps.ts';
import { NotificationChoice, NotificationPreferences } from '../schemas/index.ts';

const tags = ['users'];
const response = { 200: NotificationPreferences, ...errorResponses };

/** How the signed-in user wants to be told; nobody can read or change somebody else's. */
export function notificationPreferencesRoutes(app: App, { preferences }: RouteDeps): void {
  app.get(
    '/me/notification-preferences',
    { schema: { tags, summary: 'How the signed-in user wants to be told', response } },
    async (request) => {
      const answer = await preferences.getPreferences(personOf(callerOf(request)));
      return toPreferences(required(answer.preferences, 'preferences'));
    },
  );

  app.put(
    '/me/notification-preferences',
    {
      schema: {
        tags,
        summary: 'Choose how to be told',
        body: NotificationChoice,
        response,
      },
    },
    async (request) => {
      const answer = await preferences.setPreferences({
        ...personOf(callerOf(request)),
        preferences: fromPreferences(request.body),
      });
      return toPreferences(required(answer.preferences, 'preferences'));
    },
  );
}

function personOf({ user }: Caller): { accountId: string; userId: string } {
  return { accountId: required(user.account, 'account').id, userId: user.id };
}
