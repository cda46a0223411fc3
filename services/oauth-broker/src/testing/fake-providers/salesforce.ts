import type { FakeAnswer, FakeScript, Grant } from './fake-provider.ts';

const organisation = '00Dx0000000BV7z';
const refuse = (error: string, error_description: string): FakeAnswer => ({
  status: 400,
  body: { error, error_description },
});
export const expired = refuse('invalid_grant', 'expired access/refresh token');
const approvals = 5;

/** https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm, with rotation on. */
export const salesforce: FakeScript = {
  id: 'salesforce',
  connector: 'salesforce',
  values: { domain: 'login.salesforce.com' },
  identityKey: (subject) => `${organisation}:005-${subject}`,
  authorize: () => undefined,
  scopesAsked: (asked) => asked.get('scope')?.split(' ') ?? [],
  routes({ spendCode, byRefreshToken, byAccessToken, ...world }) {
    /** Nothing says when it ends. */
    const answer = (grant: Grant): FakeAnswer => ({
      body: {
        access_token: world.newAccessToken(grant),
        refresh_token: world.newRefreshToken(grant),
        signature: 'SSSbLO/gBhmmyNUvN18ODBDFYHzakxOMgqYtu+hDPsc=',
        scope: grant.scopes.join(' '),
        instance_url: 'https://acme.my.salesforce.com',
        id: `https://login.salesforce.com/id/${organisation}/005-${grant.subject}`,
        token_type: 'Bearer',
        issued_at: '1732600000000',
      },
    });
    /** A person's sixth approval of the same app ends the first. */
    function dropOldest({ subject }: Grant): void {
      const living = [...world.grants].filter((grant) => grant.subject === subject && !grant.ended);
      for (const grant of living.slice(0, -approvals)) grant.ended = true;
    }
    return {
      'POST login.salesforce.com/services/oauth2/token': (request) => {
        const { form } = request;
        if (!world.knowsClient(request))
          return refuse('invalid_client', 'invalid client credentials');
        if (form.get('grant_type') === 'authorization_code') {
          const grant = spendCode(form);
          if (!grant) return refuse('invalid_grant', 'invalid authorization code');
          dropOldest(grant);
          return answer(grant);
        }
        const sent = form.get('refresh_token') ?? '';
        const grant = byRefreshToken(sent);
        if (!grant) return expired;
        grant.refreshTokens.delete(sent);
        return answer(grant);
      },
      'POST login.salesforce.com/services/oauth2/introspect': ({ form }) => {
        const grant = byAccessToken(form.get('token') ?? '');
        const seconds = Math.floor(Date.now() / 1000);
        return {
          body: grant ? { active: true, exp: seconds + 900, iat: seconds } : { active: false },
        };
      },
      'GET login.salesforce.com/services/oauth2/userinfo': ({ bearer }) => {
        const grant = byAccessToken(bearer);
        if (!grant)
          return { status: 403, headers: { 'content-type': 'text/html' }, body: 'Bad_OAuth_Token' };
        return {
          body: {
            sub: `https://login.salesforce.com/id/${organisation}/005-${grant.subject}`,
            user_id: `005-${grant.subject}`,
            organization_id: organisation,
            preferred_username: `${grant.subject}@acme.example`,
          },
        };
      },
      'POST login.salesforce.com/services/oauth2/revoke': ({ form }) => {
        const grant = byRefreshToken(form.get('token')) ?? byAccessToken(form.get('token') ?? '');
        if (!grant) return refuse('unsupported_token_type', 'this token type is not supported');
        grant.ended = true;
        return { body: '' };
      },
    };
  },
};
