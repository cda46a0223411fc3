/**
 * The last `capacity` entries in memory, each with an id `<epoch>-<n>`. The epoch is new with every process, so an id of another one is not
 * mistaken for ours. A position `n` is the number of entries that were there before.
 */
export type LiveRing<T> = {
  push(entry: T): void;
  /** Where a reader stands that has seen everything so far. */
  end(): number;
  idOf(position: number): string;
  /** The position after the entry with this id; undefined: not ours, or already dropped what follows it. */
  positionOf(id: string): number | undefined;
  /** The entry at a position; `dropped` when it was overwritten, undefined when it is not there yet. */
  at(position: number): { entry: T } | 'dropped' | undefined;
};

export function createLiveRing<T>({
  capacity,
  epoch,
}: {
  capacity: number;
  epoch: string;
}): LiveRing<T> {
  const slots: T[] = [];
  let count = 0;
  const oldest = () => Math.max(0, count - capacity);

  return {
    push(entry) {
      slots[count % capacity] = entry;
      count += 1;
    },
    end: () => count,
    idOf: (position) => `${epoch}-${position}`,
    positionOf(id) {
      const [, theirEpoch, digits] = /^([0-9a-z]+)-(\d{1,15})$/.exec(id) ?? [];
      const position = Number(digits);
      if (theirEpoch !== epoch || position > count || position < oldest()) return undefined;
      return position;
    },
    at(position) {
      if (position < oldest()) return 'dropped';
      if (position >= count) return undefined;
      return { entry: slots[position % capacity] as T };
    },
  };
}
