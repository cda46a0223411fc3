import { createHash } from 'node:crypto';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Sealer } from '../session/sealer.ts';
import type { SignInSecrets } from './identity-provider.ts';

export type SignInTransaction = SignInSecrets & { returnTo: string };

const lifetimeMs = 10 * 60_000;

export type SignInCookie = {
  write(reply: FastifyReply, transaction: SignInTransaction): Promise<void>;
  /** Undefined: this browser began no sign-in with this state, or too long ago. */
  read(request: FastifyRequest, state: string): Promise<SignInTransaction | undefined>;
  clear(reply: FastifyReply, state: string): void;
};

/** A sign-in under way, sealed in a cookie of its own per state, so that two tabs can sign in at once. */
export function createSignInCookie(options: { sealer: Sealer; publicUrl: URL }): SignInCookie {
  const secure = options.publicUrl.protocol === 'https:';
  const attributes: CookieSerializeOptions = {
    httpOnly: true,
    secure,
    sameSite: 'lax',
    path: '/sign-in/callback',
  };
  const nameOf = (state: string) =>
    `${secure ? '__Secure-' : ''}sign-in-${createHash('sha256').update(state).digest('base64url').slice(0, 16)}`;

  return {
    async write(reply, transaction) {
      const sealed = await options.sealer.seal('sign-in', transaction, lifetimeMs);
      reply.setCookie(nameOf(transaction.state), sealed, {
        ...attributes,
        maxAge: lifetimeMs / 1000,
      });
    },
    async read(request, state) {
      const sealed = request.cookies[nameOf(state)];
      const claims =
        sealed === undefined ? undefined : await options.sealer.open('sign-in', sealed);
      // Sealed by us, so it has the shape we gave it.
      const transaction = claims as SignInTransaction | undefined;
      return transaction?.state === state ? transaction : undefined;
    },
    clear(reply, state) {
      reply.clearCookie(nameOf(state), attributes);
    },
  };
}
