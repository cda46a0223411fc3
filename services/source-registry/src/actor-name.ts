import { type Actor, Actor_Kind } from '@credential-renewal/proto/events/v1/credential';
import type { RegistryDeps } from './registry-deps.ts';

/** Who did it, for the history: the user's name, the worker's, or the part of the system. */
export async function actorNameOf(
  { users }: Pick<RegistryDeps, 'users'>,
  actor: Actor | undefined,
  accountId: string,
): Promise<string> {
  const kind = actor?.kind ?? Actor_Kind.UNSPECIFIED;
  switch (kind) {
    case Actor_Kind.USER: {
      const user = await users.find(actor?.id ?? '');
      return user?.accountId === accountId ? user.name : 'A former user';
    }
    case Actor_Kind.WORKER:
      return `Sync worker ${actor?.id ?? ''}`.trim();
    case Actor_Kind.SYSTEM:
    case Actor_Kind.UNSPECIFIED:
      return 'Credential Renewal';
    default:
      return kind satisfies never;
  }
}
