import { createHash, randomBytes } from 'node:crypto';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** As long as a transaction lives (semantics 21). */
const lifetimeSeconds = 10 * 60;

export type BrowserBinding = {
  /** 32 random bytes, base64url. */
  newSecret(): string;
  write(reply: FastifyReply, state: string, secret: string): void;
  /** Undefined: the transaction with this state was not begun in this browser, or is over. */
  read(request: FastifyRequest, state: string): string | undefined;
  clear(reply: FastifyReply, state: string): void;
};

/**
 * Ties an OAuth transaction to the browser that began it (RFC 9700 section 4.7): the secret is only in this cookie, and the broker keeps
 * its hash. One cookie per state, so that two transactions can be under way. SameSite=Lax comes back with the provider's redirect.
 */
export function createBrowserBinding(options: { publicUrl: URL }): BrowserBinding {
  const secure = options.publicUrl.protocol === 'https:';
  const attributes: CookieSerializeOptions = {
    httpOnly: true,
    secure,
    sameSite: 'lax',
    path: '/oauth/callback',
  };
  return {
    newSecret: () => randomBytes(32).toString('base64url'),
    write(reply, state, secret) {
      reply.setCookie(cookieName(state, secure), secret, {
        ...attributes,
        maxAge: lifetimeSeconds,
      });
    },
    read: (request, state) => request.cookies[cookieName(state, secure)] || undefined,
    clear(reply, state) {
      reply.clearCookie(cookieName(state, secure), attributes);
    },
  };
}

/** The state itself stays out of the cookie's name: it is half of what a callback proves. */
export function cookieName(state: string, secure: boolean): string {
  const hash = createHash('sha256').update(state).digest('base64url').slice(0, 16);
  return `${secure ? '__Secure-' : ''}authorization-${hash}`;
}
