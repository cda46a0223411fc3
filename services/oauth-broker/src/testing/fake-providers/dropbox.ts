import type { FakeAnswer, FakeScript, Grant } from './fake-provider.ts';

const refuse = (error: string, error_description: string): FakeAnswer => ({
  status: 400,
  body: { error, error_description },
});
const refuseToken = (tag: string): FakeAnswer => ({
  status: 401,
  body: { error_summary: `${tag}/...`, error: { '.tag': tag } },
});

/** https://www.dropbox.com/developers/documentation/http/documentation#authorization */
export const dropbox: FakeScript = {
  id: 'dropbox',
  connector: 'dropbox',
  identityKey: (subject) => `dbid:${subject}`,
  authorize: () => undefined,
  scopesAsked: (asked) => asked.get('scope')?.split(' ') ?? [],
  routes({ spendCode, byRefreshToken, byAccessToken, ...world }) {
    const answer = (grant: Grant, exchange: boolean): FakeAnswer => ({
      body: {
        access_token: world.newAccessToken(grant),
        token_type: 'bearer',
        expires_in: 14_400,
        ...(exchange
          ? {
              scope: grant.scopes.join(' '),
              uid: '12345',
              account_id: `dbid:${grant.subject}`,
              ...(grant.asked.get('token_access_type') === 'offline'
                ? { refresh_token: world.newRefreshToken(grant) }
                : {}),
            }
          : {}),
      },
    });
    return {
      'POST api.dropboxapi.com/oauth2/token': (request) => {
        const { form } = request;
        if (!world.knowsClient(request))
          return refuse('invalid_client', 'Invalid client_id or client_secret');
        if (form.get('grant_type') === 'authorization_code') {
          const grant = spendCode(form);
          return grant
            ? answer(grant, true)
            : refuse('invalid_grant', "code doesn't exist or has expired");
        }
        const grant = byRefreshToken(form.get('refresh_token'));
        return grant
          ? answer(grant, false)
          : refuse('invalid_grant', 'refresh token is invalid or revoked');
      },
      'POST api.dropboxapi.com/2/users/get_current_account': ({ bearer }) => {
        const grant = byAccessToken(bearer);
        if (!grant) return refuseToken('invalid_access_token');
        const { subject } = grant;
        return {
          body: {
            account_id: `dbid:${subject}`,
            name: { display_name: subject },
            email: `${subject}@acme.example`,
            email_verified: true,
          },
        };
      },
      'POST api.dropboxapi.com/2/auth/token/revoke': ({ bearer }) => {
        const grant = byAccessToken(bearer);
        if (!grant) return refuseToken('invalid_access_token');
        grant.ended = true;
        return { body: 'null' };
      },
    };
  },
};
