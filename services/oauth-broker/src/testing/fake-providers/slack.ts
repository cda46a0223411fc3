import type { FakeAnswer, FakeScript, Grant } from './fake-provider.ts';

const refuse = (error: string): FakeAnswer => ({ body: { ok: false, error } });

/** https://docs.slack.dev/authentication/installing-with-oauth; every answer is a 200. */
export function slackWith(options: { rotation: boolean; organisation?: boolean }): FakeScript {
  const { rotation, organisation = false } = options;
  const team = organisation ? null : { id: 'T0ACME', name: 'Acme' };
  const enterprise = organisation ? { id: 'E0ACME', name: 'Acme Grid' } : null;
  const script: FakeScript = {
    id: 'slack',
    connector: organisation ? 'slack-enterprise-grid' : 'slack',
    identityKey: (subject) =>
      organisation ? `E0${subject === 'ada' ? 'ACME' : 'OTHER'}` : `T0ACME:U-${subject}`,
    authorize: (asked) => (asked.has('scope') ? 'invalid_scope' : undefined),
    scopesAsked: (asked) => asked.get('user_scope')?.split(',') ?? [],
    routes({ spendCode, byRefreshToken, byAccessToken, ...world }) {
      const tokensOf = (grant: Grant) => ({
        access_token: world.newAccessToken(grant),
        token_type: 'user',
        ...(rotation ? { expires_in: 43_200, refresh_token: world.newRefreshToken(grant) } : {}),
      });
      /** Why a token is not taken: an ended grant is remembered. */
      const whyNot = (token: string) =>
        [...world.grants].some(({ accessTokens }) => accessTokens.has(token))
          ? 'token_revoked'
          : 'invalid_auth';
      return {
        'POST slack.com/api/oauth.v2.access': (request) => {
          const { form } = request;
          if (!world.knowsClient(request)) return refuse('bad_client_secret');
          if (form.get('grant_type') === 'authorization_code') {
            const grant = spendCode(form);
            if (!grant) return refuse('invalid_code');
            const user = { id: `U-${grant.subject}`, scope: grant.scopes.join(',') };
            return {
              body: {
                ok: true,
                app_id: 'A0KRD7HC3',
                authed_user: { ...user, ...tokensOf(grant) },
                // A bot's token, which is none of ours.
                access_token: 'xoxb-of-a-bot',
                token_type: 'bot',
                scope: 'commands',
                bot_user_id: 'B0BOT',
                team,
                enterprise,
                is_enterprise_install: organisation,
              },
            };
          }
          const sent = form.get('refresh_token') ?? '';
          const grant = byRefreshToken(sent);
          if (!grant) return refuse('invalid_refresh_token');
          grant.refreshTokens.delete(sent);
          return {
            body: { ok: true, ...tokensOf(grant), scope: grant.scopes.join(','), team, enterprise },
          };
        },
        'POST slack.com/api/auth.test': ({ bearer }) => {
          const grant = byAccessToken(bearer);
          if (!grant) return refuse(whyNot(bearer));
          const { subject } = grant;
          return {
            body: {
              ok: true,
              url: 'https://acme.slack.com/',
              team: 'Acme',
              user: subject,
              team_id: 'T0ACME',
              user_id: `U-${subject}`,
              ...(organisation
                ? { enterprise_id: script.identityKey(subject), is_enterprise_install: true }
                : {}),
            },
          };
        },
        'POST slack.com/api/auth.revoke': ({ bearer }) => {
          const grant = byAccessToken(bearer);
          if (!grant) return refuse(whyNot(bearer));
          grant.ended = true;
          return { body: { ok: true, revoked: true } };
        },
      };
    },
  };
  return script;
}
