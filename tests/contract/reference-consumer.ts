import type { CloudEvent } from '@credential-renewal/events';

/** Consumers as docs/event-consumer.md describes them: nothing of ours but the JSON and the headers. */
export type ReferenceConsumer = {
  apply(event: CloudEvent): void;
  /** What it holds true now, by key. */
  truth(): Record<string, unknown>;
};

/** Keeps the present record of each key of a compacted topic. A tombstone has no version; its sequence goes on counting. */
export function createSnapshotConsumer(): ReferenceConsumer {
  const newest = new Map<string, { sequence: bigint; data: CloudEvent['data'] }>();
  return {
    apply({ partitionkey, sequence, data }) {
      const known = newest.get(partitionkey);
      if (known && known.sequence >= BigInt(sequence)) return;
      newest.set(partitionkey, { sequence: BigInt(sequence), data });
    },
    truth: () =>
      Object.fromEntries([...newest].flatMap(([key, { data }]) => (data ? [[key, data]] : []))),
  };
}

/** Knows which credentials are in an expiry episode, from three topics in whatever order they come. */
export function createEpisodeConsumer(): ReferenceConsumer {
  const known = new Map<string, { version: bigint; episode: unknown }>();
  return {
    apply(event) {
      const version = BigInt(String(event.data?.['version'] ?? event.sequence));
      if (version < (known.get(event.subject)?.version ?? 0n)) return;
      known.set(event.subject, { version, episode: episodeAfter(event) });
    },
    truth: () => openEpisodes(known),
  };
}

/** What not to do: the last to arrive wins. */
export function createCarelessConsumer(): ReferenceConsumer {
  const known = new Map<string, { episode: unknown }>();
  return {
    apply: (event) => void known.set(event.subject, { episode: episodeAfter(event) }),
    truth: () => openEpisodes(known),
  };
}

function episodeAfter({ type, data }: CloudEvent): unknown {
  return type === 'credential.renewed' ? undefined : data?.['episodeId'];
}

function openEpisodes(known: ReadonlyMap<string, { episode: unknown }>): Record<string, unknown> {
  return Object.fromEntries([...known].map(([key, { episode }]) => [key, episode ?? 'none']));
}
