import { Role, type User } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { FastifyRequest } from 'fastify';
import { SessionRequiredError } from '../errors.ts';

/** Who sent a request. */
export type Caller = {
  user: User;
  via: 'session' | 'bearer';
  /** When the session or token ends, by our clock. */
  expiresAtMs: number;
};

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
  }
}

/** The caller of a route below `/api/v1`, where authentication has set it. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new SessionRequiredError();
  return request.caller;
}

export function accountOf(request: FastifyRequest): string {
  return callerOf(request).user.account?.id ?? '';
}

export function isAdmin({ user }: Caller): boolean {
  return user.role === Role.ADMIN;
}
