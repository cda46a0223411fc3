import { topics } from './cloud-event.ts';
import { TopicUnknownError } from './errors.ts';

/** Fixed: another number would send the events of a key to another partition, out of order with those before. */
export const partitionCount = 8;

/** The partition of a key: FNV-1a over its UTF-16 units. */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++)
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % partitionCount;
}

/** The groups of this product that consume, and so have dead letters. */
export const consumerGroups: readonly string[] = ['source-registry', 'notification'];

export function deadLetterTopic(group: string): string {
  return `${group}.dlq`;
}

/** Dead letters that an operator has the group handle again. Not the topic they came from: there an old state would become the last of its key. */
export function replayTopic(group: string): string {
  return `${group}.replay`;
}

/** Throws TopicUnknownError unless all can be read: the declared topics, and the groups' dead letters and replays. */
export function checkReadable(names: readonly string[]): void {
  for (const name of names) {
    if (!isTopic(name) && !/^[a-z0-9-]+\.(dlq|replay)$/.test(name))
      throw new TopicUnknownError(name);
  }
}

export function isTopic(name: string): boolean {
  return (topics as readonly string[]).includes(name);
}

/** Every partition of these topics, each once. */
export function partitionsOf(names: Iterable<string>): [topic: string, partition: number][] {
  return [...new Set(names)].flatMap((topic) =>
    Array.from({ length: partitionCount }, (_, partition): [string, number] => [topic, partition]),
  );
}
