import type { FakeAnswer, FakeScript, Grant } from './fake-provider.ts';

const spentSinceMs = new WeakMap<Grant, Map<string, number>>();
const leewayMs = 10 * 60_000;

const refuse = (status: number, error: string, error_description: string): FakeAnswer => ({
  status,
  body: { error, error_description },
});

/** https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/; token requests are JSON. */
export function atlassianAt(nowMs: () => number): FakeScript {
  return {
    id: 'atlassian',
    connector: 'jira',
    identityKey: (subject) => `account-${subject}`,
    authorize: (asked) =>
      asked.get('audience') === 'api.atlassian.com' && asked.get('prompt') === 'consent'
        ? undefined
        : 'invalid_request',
    scopesAsked: (asked) => asked.get('scope')?.split(' ') ?? [],
    routes({ spendCode, byRefreshToken, byAccessToken, ...world }) {
      const answer = (grant: Grant): FakeAnswer => ({
        body: {
          access_token: world.newAccessToken(grant),
          expires_in: 3600,
          token_type: 'Bearer',
          scope: grant.scopes.filter((scope) => scope !== 'offline_access').join(' '),
          ...(grant.scopes.includes('offline_access')
            ? { refresh_token: world.newRefreshToken(grant) }
            : {}),
        },
      });
      /** A spent token is taken for ten minutes more. */
      function spend(grant: Grant, token: string): boolean {
        const spent = spentSinceMs.get(grant) ?? new Map<string, number>();
        spentSinceMs.set(grant, spent);
        const sinceMs = spent.get(token) ?? nowMs();
        spent.set(token, sinceMs);
        return nowMs() - sinceMs <= leewayMs;
      }
      return {
        'POST auth.atlassian.com/oauth/token': (request) => {
          const { form, headers } = request;
          if (!headers['content-type']?.startsWith('application/json')) {
            return refuse(400, 'invalid_request', 'Expected JSON.');
          }
          if (!world.knowsClient(request)) return refuse(401, 'access_denied', 'Unauthorized');
          if (form.get('grant_type') === 'authorization_code') {
            const grant = spendCode(form);
            return grant
              ? answer(grant)
              : refuse(403, 'invalid_grant', 'Invalid authorization code');
          }
          const sent = form.get('refresh_token') ?? '';
          const grant = byRefreshToken(sent);
          if (grant && spend(grant, sent)) return answer(grant);
          return refuse(403, 'invalid_grant', 'Unknown or invalid refresh token.');
        },
        'GET api.atlassian.com/me': ({ bearer }) => {
          const grant = byAccessToken(bearer);
          if (!grant) return { status: 401, body: { code: 401, message: 'Unauthorized' } };
          const { subject } = grant;
          return {
            body: {
              account_type: 'atlassian',
              account_id: `account-${subject}`,
              email: `${subject}@acme.example`,
              name: subject,
            },
          };
        },
      };
    },
  };
}
