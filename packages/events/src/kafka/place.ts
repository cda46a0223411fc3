/** A partition of a topic. */
export type Place = { topic: string; partition: number };

/** A partition as a key of a map. */
export function placeOf(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}
