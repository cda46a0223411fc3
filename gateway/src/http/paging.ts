import type { PageOf } from './schemas/index.ts';

const defaultPageSize = 50;

/** `pageSize` and `pageToken` of a query as the registry wants them. */
export function toPaging(query: { pageSize?: number; pageToken?: string }) {
  return { pageSize: query.pageSize ?? defaultPageSize, pageToken: query.pageToken ?? '' };
}

export function toPage<T>(items: T[], nextPageToken: string): PageOf<T> {
  return { items, nextPageToken: nextPageToken === '' ? null : nextPageToken };
}
