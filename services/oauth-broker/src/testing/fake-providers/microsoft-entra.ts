import { idToken } from '../scripted-provider.ts';
import type { FakeAnswer, FakeScript, Grant } from './fake-provider.ts';

export const tenantId = '11111111-2222-3333-4444-555555555555';

/** An error as its documents show one; the text begins with the number. */
export function entraError(
  error: string,
  number: number,
  text: string,
  suberror?: string,
): FakeAnswer {
  return {
    status: error === 'invalid_client' ? 401 : 400,
    body: {
      error,
      error_description: `AADSTS${number}: ${text}\r\nTrace ID: 0000aaaa-11bb-cccc-dd33-eeeeee333333\r\nCorrelation ID: aaaa0000-bb11-2222-33cc-444444dddddd\r\nTimestamp: 2026-11-26 10:00:00Z`,
      error_codes: [number],
      timestamp: '2026-11-26 10:00:00Z',
      trace_id: '0000aaaa-11bb-cccc-dd33-eeeeee333333',
      correlation_id: 'aaaa0000-bb11-2222-33cc-444444dddddd',
      error_uri: `https://login.microsoftonline.com/error?code=${number}`,
      ...(suberror === undefined ? {} : { suberror }),
    },
  };
}

/** The optional claim: opaque, and in base64. */
export function loginHintOf(subject: string): string {
  return `O.${Buffer.from(`hint:${subject}@acme.example`).toString('base64')}`;
}

/** It takes only what it has said before, and of two hints at once none (AADSTS1002014). */
function checkHints(asked: URLSearchParams): string | undefined {
  const login = asked.get('login_hint');
  const domain = asked.get('domain_hint');
  const known =
    (login === null || ['ada', 'mallory'].some((subject) => login === loginHintOf(subject))) &&
    (domain === null || domain === tenantId);
  return known && (login === null || domain === null) ? undefined : 'invalid_request';
}

/** https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow */
export const microsoftEntra: FakeScript = {
  id: 'microsoft-entra',
  connector: 'microsoft-onedrive',
  values: { tenant: 'organizations' },
  identityKey: (subject) => `${tenantId}:oid-of-${subject}`,
  authorize: checkHints,
  scopesAsked: (asked) => asked.get('scope')?.split(' ') ?? [],
  routes({ spendCode, byRefreshToken, byAccessToken, ...world }) {
    // Replaced with each use, and the old one is not revoked.
    const answer = (grant: Grant): FakeAnswer => ({
      body: {
        token_type: 'Bearer',
        scope: grant.scopes.filter((scope) => scope !== 'offline_access').join(' '),
        expires_in: 4_123,
        ext_expires_in: 4_123,
        access_token: world.newAccessToken(grant),
        id_token: idToken({
          iss: world.standIn(`https://login.microsoftonline.com/${tenantId}/v2.0`),
          sub: `pairwise-${grant.subject}`,
          tid: tenantId,
          oid: `oid-of-${grant.subject}`,
          preferred_username: `${grant.subject}@acme.example`,
          login_hint: loginHintOf(grant.subject),
          nonce: grant.nonce,
          ver: '2.0',
        }),
        ...(grant.scopes.includes('offline_access')
          ? { refresh_token: world.newRefreshToken(grant) }
          : {}),
      },
    });
    return {
      'POST login.microsoftonline.com/organizations/oauth2/v2.0/token': (request) => {
        const { form } = request;
        if (!world.knowsClient(request)) {
          return entraError('invalid_client', 7000215, 'Invalid client secret provided.');
        }
        if (form.get('grant_type') === 'authorization_code') {
          const grant = spendCode(form);
          return grant
            ? answer(grant)
            : entraError('invalid_grant', 70008, 'The provided authorization code has expired.');
        }
        const grant = byRefreshToken(form.get('refresh_token'));
        return grant
          ? answer(grant)
          : entraError(
              'invalid_grant',
              50173,
              'The provided grant has expired due to it being revoked.',
              'bad_token',
            );
      },
      'GET graph.microsoft.com/oidc/userinfo': ({ bearer }) => {
        const grant = byAccessToken(bearer);
        return grant
          ? { body: { sub: `pairwise-${grant.subject}`, email: `${grant.subject}@acme.example` } }
          : {
              status: 401,
              headers: { 'www-authenticate': 'Bearer realm="", error="invalid_token"' },
              body: {
                error: { code: 'InvalidAuthenticationToken', message: 'Access token has expired.' },
              },
            };
      },
    };
  },
};
