import type { PageRequest } from '../page.ts';

/**
 * One page of what runs newest first, for records that have `createdAtMs`. The bound on the time alone begins the scan of the index
 * where the page begins; the other condition only passes over what was created in the same millisecond.
 */
export function newestFirst({ limit, after }: PageRequest) {
  return {
    where: after
      ? {
          createdAtMs: { $lte: after.order },
          $or: [{ createdAtMs: { $lt: after.order } }, { _id: { $lt: after.id } }],
        }
      : {},
    sort: { createdAtMs: -1, _id: -1 },
    limit,
  } as const;
}
