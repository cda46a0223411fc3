import type { FakeAnswer, FakeScript, Grant } from './fake-provider.ts';

const refuse = (status: number, error: string, error_description: string): FakeAnswer => ({
  status,
  body: { error, error_description },
});

/** The same at every host: ids are the host's own. */
const userId = (subject: string) => Number(`3597${subject.length}`);

/** https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/, at the customer's own host. */
export const zendesk: FakeScript = {
  id: 'zendesk',
  connector: 'zendesk',
  values: { subdomain: 'acme-support' },
  parameters: { subdomain: 'acme-support' },
  identityKey: (subject) => `acme-support:${userId(subject)}`,
  authorize: () => undefined,
  scopesAsked: (asked) => asked.get('scope')?.split(' ') ?? [],
  routes({ spendCode, byRefreshToken, byAccessToken, ...world }) {
    /** As long as it was asked for; without a wish, a token of old that has no end. */
    const answer = (grant: Grant, form: URLSearchParams): FakeAnswer => {
      const life = Number(form.get('expires_in'));
      return {
        body: {
          access_token: world.newAccessToken(grant),
          token_type: 'bearer',
          scope: grant.scopes.join(' '),
          ...(life > 0
            ? {
                refresh_token: world.newRefreshToken(grant),
                expires_in: life,
                refresh_token_expires_in: Number(form.get('refresh_token_expires_in')),
              }
            : {}),
        },
      };
    };
    /** One customer's host, which knows what was made there and nothing else. */
    const routesAt = (host: string): ReturnType<FakeScript['routes']> => {
      const here = (grant: Grant | undefined) =>
        grant?.place.startsWith(`${host}/`) ? grant : undefined;
      return {
        [`POST ${host}/oauth/tokens`]: (request) => {
          const { form } = request;
          if (!world.knowsClient(request)) {
            return refuse(
              401,
              'invalid_client',
              'Client authentication failed due to unknown client.',
            );
          }
          if (form.get('grant_type') === 'authorization_code') {
            const grant = here(spendCode(form));
            return grant
              ? answer(grant, form)
              : refuse(400, 'invalid_grant', 'The code is invalid.');
          }
          const grant = here(byRefreshToken(form.get('refresh_token')));
          if (!grant) return refuse(400, 'invalid_grant', 'The refresh token is invalid.');
          // The old pair is deleted.
          grant.refreshTokens.clear();
          grant.accessTokens.clear();
          return answer(grant, form);
        },
        [`GET ${host}/api/v2/users/me.json`]: ({ bearer }) => {
          const grant = here(byAccessToken(bearer));
          if (!grant)
            return refuse(
              401,
              'invalid_token',
              'The access token provided is expired, revoked, malformed or invalid for other reasons.',
            );
          const { subject } = grant;
          return {
            body: {
              user: { id: userId(subject), name: subject, email: `${subject}@acme.example` },
            },
          };
        },
        [`DELETE ${host}/api/v2/oauth/tokens/current.json`]: ({ bearer }) => {
          const grant = here(byAccessToken(bearer));
          if (!grant) return refuse(401, 'invalid_token', 'The access token provided is invalid.');
          grant.ended = true;
          return { status: 204 };
        },
      };
    };
    return { ...routesAt('acme-support.zendesk.com'), ...routesAt('acme-sales.zendesk.com') };
  },
};
