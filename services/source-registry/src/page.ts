import { InputInvalidError } from '@credential-renewal/runtime';

/** A place in a list that is ordered by (`orderMs` descending, `id` descending): what comes next lies behind it. */
export type PagePosition = { order: number; id: string };

export type PageRequest = { limit: number; after: PagePosition | undefined };

const defaultPageSize = 50;

/** Reads a checked `page_size` (0: the default) and `page_token`. Errors: INPUT_INVALID naming `page_token`. */
export function readPage(request: { pageSize: number; pageToken: string }): PageRequest {
  return {
    limit: request.pageSize || defaultPageSize,
    after: request.pageToken === '' ? undefined : readToken(request.pageToken),
  };
}

/** Cuts what was read with `limit + 1` down to a page, and says where the next one begins (empty: nowhere). */
export function cutPage<T>(
  found: readonly T[],
  limit: number,
  positionOf: (item: T) => PagePosition,
): { items: T[]; nextPageToken: string } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const more = found.length > limit && last !== undefined;
  return { items, nextPageToken: more ? writeToken(positionOf(last)) : '' };
}

function writeToken({ order, id }: PagePosition): string {
  return Buffer.from(`${order} ${id}`).toString('base64url');
}

function readToken(token: string): PagePosition {
  const match = /^(\d{1,15}) ([0-9A-Za-z-]{1,64})$/.exec(
    Buffer.from(token, 'base64url').toString('utf8'),
  );
  const [, order, id] = match ?? [];
  if (order === undefined || id === undefined) {
    throw new InputInvalidError([
      { field: 'page_token', description: 'is not one that this list gave out' },
    ]);
  }
  return { order: Number(order), id };
}
