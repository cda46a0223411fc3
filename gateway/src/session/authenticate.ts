import type { User } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { DomainError } from '@credential-renewal/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  BearerTokenInvalidError,
  CrossSiteRequestError,
  SessionInvalidError,
  SessionRequiredError,
} from '../errors.ts';
import type { BearerVerifier } from './bearer.ts';
import type { Caller } from './caller.ts';
import { mayChange } from './same-origin.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { UserDirectory } from './user-directory.ts';

export type Authenticator = {
  /** A bearer token or the session cookie; rejects with a DomainError of kind `unauthenticated`, or CrossSiteRequestError. */
  authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Caller>;
  /** The session of a page; undefined when nobody is signed in. A cookie that is no good is cleared. */
  session(request: FastifyRequest, reply: FastifyReply): Promise<Caller | undefined>;
};

export function createAuthenticator(options: {
  sessionCookie: SessionCookie;
  users: UserDirectory;
  bearer: BearerVerifier;
  publicUrl: URL;
}): Authenticator {
  const { sessionCookie, users, bearer, publicUrl } = options;

  async function bySession(request: FastifyRequest): Promise<Caller> {
    const session = await sessionCookie.read(request);
    if (session === 'absent') throw new SessionRequiredError();
    if (session === 'invalid') throw new SessionInvalidError();
    const user = await users.get(session.userId).catch(asEndedSession);
    return { user, via: 'session', expiresAtMs: session.expiresAtMs };
  }

  async function clearingWhatIsNoGood(request: FastifyRequest, reply: FastifyReply) {
    try {
      return await bySession(request);
    } catch (error) {
      if (error instanceof SessionInvalidError) sessionCookie.clear(reply);
      throw error;
    }
  }

  return {
    async authenticate(request, reply) {
      const { authorization } = request.headers;
      if (authorization !== undefined) return byBearer(authorization, bearer, users);
      const caller = await clearingWhatIsNoGood(request, reply);
      if (!mayChange(request.method, request.headers, publicUrl)) throw new CrossSiteRequestError();
      return caller;
    },
    async session(request, reply) {
      try {
        return await clearingWhatIsNoGood(request, reply);
      } catch (error) {
        if (error instanceof DomainError && error.kind === 'unauthenticated') return undefined;
        throw error;
      }
    },
  };
}

async function byBearer(
  authorization: string,
  bearer: BearerVerifier,
  users: UserDirectory,
): Promise<Caller> {
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (!token)
    throw new BearerTokenInvalidError('the Authorization header is not "Bearer <token>".');
  const { userId, expiresAtMs } = await bearer.verify(token);
  const user = await users.get(userId).catch(asEndedSession);
  return { user, via: 'bearer', expiresAtMs };
}

/** Somebody who has left, or whom the registry does not know any more, is signed out. */
function asEndedSession(error: unknown): Promise<User> {
  if (error instanceof DomainError && error.code === 'USER_LEFT')
    throw new SessionInvalidError('USER_LEFT');
  if (error instanceof DomainError && error.kind === 'not_found') throw new SessionInvalidError();
  throw error;
}
