import { keepersOf } from './access/connection-access.ts';
import { type SourceSurroundings, successorsOf } from './access/source-access.ts';
import type { Surroundings } from './surroundings.ts';
import type { Connection, Source, Use } from './use.ts';
import type { User } from './user.ts';

export type Recipient = { user: User; why: 'creator' | 'owner' | 'shared' | 'creator_left' };

/** Who is told of an expiry of a use. */
export function recipientsOf(use: Use, surroundings: Surroundings): Recipient[] {
  return use.kind === 'source'
    ? recipientsOfSource(use, surroundings.of(use))
    : recipientsOfConnection(use, surroundings);
}

/**
 * Who is told of an expiry of a source (semantics 23, 26): its creator, or who stands in for one who has left. What a
 * connection backs, only those who keep the connection can mend, so they are told and the creator sees it on the page.
 */
export function recipientsOfSource(source: Source, around: SourceSurroundings): Recipient[] {
  if (around.connection) return recipientsOfConnection(around.connection, around);
  const creator = around.userById(source.creatorId);
  if (creator && !creator.left) return [{ user: creator, why: 'creator' }];
  return successorsOf(around).map((user) => ({ user, why: 'creator_left' }));
}

/** Who is told of an expiry of a connection: its owner and those it is shared with, or else the account's administrators. */
export function recipientsOfConnection(
  connection: Connection,
  around: Pick<SourceSurroundings, 'userById' | 'accountAdmins'>,
): Recipient[] {
  return keepersOf(connection, around.userById, around.accountAdmins).map((user) => {
    if (user.id === connection.ownerId) return { user, why: 'owner' };
    return { user, why: connection.sharedWith.includes(user.id) ? 'shared' : 'creator_left' };
  });
}
