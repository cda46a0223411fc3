import { idToken } from '../scripted-provider.ts';
import type { FakeAnswer, FakeScript, Grant } from './fake-provider.ts';

const refuse = (status: number, error: string, error_description: string): FakeAnswer => ({
  status,
  body: { error, error_description },
});
const revoked = refuse(400, 'invalid_grant', 'Token has been expired or revoked.');

const longNames: Record<string, string> = {
  email: 'https://www.googleapis.com/auth/userinfo.email',
  profile: 'https://www.googleapis.com/auth/userinfo.profile',
};

/** https://developers.google.com/identity/protocols/oauth2/web-server */
export const google: FakeScript = {
  id: 'google',
  connector: 'google-drive',
  identityKey: (subject) => `sub-of-${subject}`,
  authorize: () => undefined,
  scopesAsked: (asked) => asked.get('scope')?.split(' ') ?? [],
  routes({ spendCode, byRefreshToken, byAccessToken, ...world }) {
    const issuer = world.standIn('https://accounts.google.com');

    /** Only offline access with a consent page that was shown brings a refresh token. */
    function answer(grant: Grant, exchange: boolean): FakeAnswer {
      const { asked, subject, nonce, scopes } = grant;
      const offline =
        asked.get('access_type') === 'offline' && asked.get('prompt')?.includes('consent');
      return {
        body: {
          access_token: world.newAccessToken(grant),
          expires_in: 3599,
          scope: scopes.map((scope) => longNames[scope] ?? scope).join(' '),
          token_type: 'Bearer',
          id_token: idToken({ iss: issuer, sub: google.identityKey(subject), nonce }),
          ...(exchange && offline ? { refresh_token: world.newRefreshToken(grant) } : {}),
        },
      };
    }

    return {
      'POST oauth2.googleapis.com/token': (request) => {
        const { form } = request;
        if (!world.knowsClient(request)) return refuse(401, 'invalid_client', 'Unauthorized');
        if (form.get('grant_type') === 'authorization_code') {
          const grant = spendCode(form);
          return grant ? answer(grant, true) : refuse(400, 'invalid_grant', 'Malformed auth code.');
        }
        const grant = byRefreshToken(form.get('refresh_token'));
        return grant ? answer(grant, false) : revoked;
      },
      'GET openidconnect.googleapis.com/v1/userinfo': ({ bearer }) => {
        const grant = byAccessToken(bearer);
        if (!grant) {
          return {
            status: 401,
            headers: {
              'www-authenticate':
                'Bearer realm="https://accounts.google.com/", error="invalid_token"',
            },
            body: { error: 'invalid_request', error_description: 'Invalid Credentials' },
          };
        }
        const { subject } = grant;
        return {
          body: {
            sub: google.identityKey(subject),
            email: `${subject}@acme.example`,
            email_verified: true,
            hd: 'acme.example',
          },
        };
      },
      // Ends every grant of the same person and client.
      'POST oauth2.googleapis.com/revoke': ({ form }) => {
        const token = form.get('token') ?? '';
        const grant = byRefreshToken(token) ?? byAccessToken(token);
        if (!grant) return refuse(400, 'invalid_token', 'Token expired or revoked');
        for (const other of world.grants) {
          if (other.subject === grant.subject) other.ended = true;
        }
        return { body: {} };
      },
    };
  },
};
