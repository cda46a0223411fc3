import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Sealer } from './sealer.ts';

/** A session ends this long after sign-in, used or not. */
export const sessionLifetimeMs = 12 * 60 * 60_000;

export type Session = { userId: string; expiresAtMs: number };

export type SessionCookie = {
  write(reply: FastifyReply, userId: string): Promise<void>;
  clear(reply: FastifyReply): void;
  /** `absent`: no cookie; `invalid`: one that is forged or past its time. */
  read(request: FastifyRequest): Promise<Session | 'absent' | 'invalid'>;
};

/** The session, in the cookie itself: the user's id and its end, sealed. Nothing is kept on the server. */
export function createSessionCookie(options: { sealer: Sealer; publicUrl: URL }): SessionCookie {
  const { sealer } = options;
  const secure = options.publicUrl.protocol === 'https:';
  // A browser takes a `__Host-` cookie only from this very host and only with Secure and path `/`, so no sibling domain can plant one.
  const name = secure ? '__Host-session' : 'session';
  const attributes: CookieSerializeOptions = {
    httpOnly: true,
    secure,
    sameSite: 'lax',
    path: '/',
  };
  return {
    async write(reply, userId) {
      const sealed = await sealer.seal('session', { sub: userId }, sessionLifetimeMs);
      reply.setCookie(name, sealed, { ...attributes, maxAge: sessionLifetimeMs / 1000 });
    },
    clear(reply) {
      reply.clearCookie(name, attributes);
    },
    async read(request) {
      const sealed = request.cookies[name];
      if (sealed === undefined) return 'absent';
      const claims = await sealer.open('session', sealed);
      if (!claims?.sub || claims.exp === undefined) return 'invalid';
      return { userId: claims.sub, expiresAtMs: claims.exp * 1000 };
    },
  };
}
