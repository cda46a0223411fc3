import type { FakeAnswer, FakeScript, Grant } from './fake-provider.ts';

const refuse = (error: string, error_description: string): FakeAnswer => ({
  status: 400,
  body: { error, error_description },
});

/** https://developer.box.com/reference/post-oauth2-token/; no answer names scopes. */
export const box: FakeScript = {
  id: 'box',
  connector: 'box',
  identityKey: (subject) => `1110${subject.length}`,
  authorize: () => undefined,
  scopesAsked: (asked) => asked.get('scope')?.split(' ') ?? [],
  routes({ spendCode, byRefreshToken, byAccessToken, ...world }) {
    const answer = (grant: Grant): FakeAnswer => ({
      body: {
        access_token: world.newAccessToken(grant),
        expires_in: 4169,
        restricted_to: [],
        refresh_token: world.newRefreshToken(grant),
        token_type: 'bearer',
      },
    });
    return {
      'POST api.box.com/oauth2/token': (request) => {
        const { form } = request;
        if (!world.knowsClient(request)) {
          return refuse('invalid_client', 'The client credentials are invalid');
        }
        if (form.get('grant_type') === 'authorization_code') {
          const grant = spendCode(form);
          return grant
            ? answer(grant)
            : refuse('invalid_grant', 'The authorization code has expired');
        }
        const sent = form.get('refresh_token') ?? '';
        const grant = byRefreshToken(sent);
        if (!grant) return refuse('invalid_grant', 'Refresh token has expired');
        grant.refreshTokens.delete(sent);
        return answer(grant);
      },
      'GET api.box.com/2.0/users/me': ({ bearer, query }) => {
        const grant = byAccessToken(bearer);
        if (!grant) {
          return {
            status: 401,
            headers: {
              'www-authenticate':
                'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."',
            },
            body: '',
          };
        }
        const user = {
          type: 'user',
          id: box.identityKey(grant.subject),
          login: `${grant.subject}@acme.example`,
        };
        const enterprise = { type: 'enterprise', id: '7712', name: 'Acme' };
        return {
          body: query.get('fields')?.includes('enterprise') ? { ...user, enterprise } : user,
        };
      },
      'POST api.box.com/oauth2/revoke': (request) => {
        const token = request.form.get('token') ?? '';
        if (!world.knowsClient(request))
          return refuse('invalid_client', 'The client credentials are invalid');
        const grant = byRefreshToken(token) ?? byAccessToken(token);
        if (grant) grant.ended = true;
        return { body: '' };
      },
    };
  },
};
