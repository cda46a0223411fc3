import type { EventLog, Subscription } from './event-log.ts';
import type { GroupProgress } from './group-progress.ts';
import type { PartitionReader, Recipient } from './partition-reader.ts';
import type { PartitionReaders } from './partition-readers.ts';
import { partitionsOf } from './topic-partition.ts';

type Member = Recipient & {
  topics: ReadonlySet<string>;
  began?: (topic: string, partition: number) => void;
};
type Group = { members: Member[]; readers: Map<string, PartitionReader> };

/**
 * The groups of this process and who of their members has which partition. A group's readers stay for the life of the log: a
 * member that joins while the last one leaves takes over the same readers, so no event is ever in two hands.
 */
export type ConsumerGroups = {
  subscribe(options: Parameters<EventLog['subscribe']>[0]): Subscription;
  topicsOf(group: string): string[];
  /** Deliveries under way. */
  running(): Promise<unknown>[];
};

export function createConsumerGroups(options: {
  readers: PartitionReaders;
  progress: GroupProgress;
  isClosed: () => boolean;
}): ConsumerGroups {
  const { readers, progress, isClosed } = options;
  const groups = new Map<string, Group>();

  function addMissingReaders(name: string, group: Group, topics: readonly string[]): void {
    for (const [topic, partition] of partitionsOf(topics)) {
      const place = `${topic} ${partition}`;
      if (group.readers.has(place)) continue;
      let owner: Member | undefined;
      const reader = readers.add(topic, partition, {
        after: progress.handledUpTo(name, topic, partition),
        recipient() {
          const next = ownerOf(group, topic, partition);
          if (next && next !== owner) next.began?.(topic, partition);
          owner = next;
          return next;
        },
        handled: (offset) => progress.handled(name, topic, partition, offset),
      });
      group.readers.set(place, reader);
    }
  }

  return {
    subscribe({ group: name, topics, handle, began }) {
      const member: Member = { topics: new Set(topics), handle, began, running: new Set() };
      const group: Group = groups.get(name) ?? { members: [], readers: new Map() };
      groups.set(name, group);
      addMissingReaders(name, group, topics);
      group.members.push(member);
      for (const reader of group.readers.values()) reader.interrupt();
      return {
        async stop() {
          group.members = group.members.filter((other) => other !== member);
          for (const reader of group.readers.values()) reader.interrupt();
          await Promise.all(member.running);
          if (!isClosed()) await progress.flush();
        },
      };
    },
    topicsOf: (name) => groups.get(name)?.members.flatMap((member) => [...member.topics]) ?? [],
    running: () =>
      [...groups.values()].flatMap(({ members }) => members.flatMap(({ running }) => [...running])),
  };
}

function ownerOf(group: Group, topic: string, partition: number): Member | undefined {
  const candidates = group.members.filter((member) => member.topics.has(topic));
  return candidates[partition % candidates.length];
}
