import { type Clock, DomainError } from '@credential-renewal/runtime';
import { type Caller, isAdmin } from '../session/caller.ts';
import type { UserDirectory } from '../session/user-directory.ts';
import type { LiveEntry } from './live-entry.ts';
import type { LiveFeed } from './live-feed.ts';
import type { WorkspaceMembership } from './workspace-membership.ts';

export type EventStreamDeps = {
  feed: LiveFeed;
  caller: Caller;
  users: UserDirectory;
  membership: WorkspaceMembership;
  clock: Clock;
  /** Aborted when the client has gone. */
  gone: AbortSignal;
  heartbeatMs: number;
};

/**
 * The text of one `text/event-stream` (WHATWG HTML section 9.2). It pulls from the shared ring at the client's own pace, so a slow client
 * costs no memory: one that falls behind the ring gets a `reset`. Ends when the client goes, the session ends, or we stop.
 */
export async function* eventStream(
  deps: EventStreamDeps,
  lastEventId: string | undefined,
): AsyncGenerator<string> {
  const { ring } = deps.feed;
  const ended = AbortSignal.any([deps.gone, deps.feed.stopping]);
  const resumed = lastEventId === undefined ? ring.end() : ring.positionOf(lastEventId);
  let position = resumed ?? ring.end();
  // An id alone dispatches nothing, but a client that drops before its first event can then resume from here.
  yield `retry: 1000\nid: ${ring.idOf(position)}\n\n`;
  if (resumed === undefined) yield resetAt(ring.idOf(position));

  while (!ended.aborted && (await isStillSignedIn(deps))) {
    for (let found = ring.at(position); found && !ended.aborted; found = ring.at(position)) {
      if (found === 'dropped') {
        position = ring.end();
        yield resetAt(ring.idOf(position));
        continue;
      }
      position += 1;
      const id = ring.idOf(position);
      // Who may see it cannot be said while the registry is away; the client reads its lists again instead.
      const visible = await maySee(found.entry, deps).catch(() => undefined);
      if (visible === undefined) yield resetAt(id);
      else if (visible) yield eventAt(id, found.entry);
    }
    const before = ring.end();
    if (before === position) await deps.feed.changed(ended, deps.heartbeatMs);
    // The comment keeps proxies from closing an idle connection, and the id moves past events of others.
    if (!ended.aborted && ring.end() === before) yield `: \nid: ${ring.idOf(position)}\n\n`;
  }
}

function resetAt(id: string): string {
  return `id: ${id}\nevent: reset\ndata: {}\n\n`;
}

function eventAt(id: string, { type, event }: LiveEntry): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Whom it concerns, members of the workspace, and administrators of the account. */
async function maySee(entry: LiveEntry, deps: EventStreamDeps): Promise<boolean> {
  const { user } = deps.caller;
  if (entry.accountId !== user.account?.id) return false;
  if (isAdmin(deps.caller) || entry.userIds.includes(user.id)) return true;
  return entry.workspaceId !== undefined && (await deps.membership.includes(entry.workspaceId));
}

/** A registry that is away ends no stream: browsers do not come back to one that was refused. */
async function isStillSignedIn({ caller, users, clock }: EventStreamDeps): Promise<boolean> {
  if (clock.nowMs() >= caller.expiresAtMs) return false;
  try {
    await users.get(caller.user.id);
    return true;
  } catch (error) {
    return !(
      error instanceof DomainError &&
      (error.kind === 'not_found' || error.kind === 'permission_denied')
    );
  }
}
