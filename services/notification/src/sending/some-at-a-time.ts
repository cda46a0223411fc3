/** So many are under way at once: side by side they share a commit, and all at once they would hold up others. */
const atATime = 50;

/** Does the work for each, some at a time. Rejects with the first failure, when those beside it are through. */
export async function someAtATime<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += atATime) {
    const ends = await Promise.allSettled(items.slice(from, from + atATime).map(work));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }
}
