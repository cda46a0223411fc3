import type { CloudEvent } from '@credential-renewal/events';
import { topics } from '@credential-renewal/proto/event-topics';

export type HistoryValidator = {
  /** In the order of the log within each topic and key. */
  add(event: CloudEvent): void;
  /** Where the events of the whole log do not fit each other: one line each. */
  problems(): string[];
};

const compacted = new Set(
  topics.filter(({ cleanup }) => cleanup.policy === 'compact').map(({ name }) => name),
);

/** What the guide promises of events together: one id is one event, sequences have no gaps, an episode is told once. */
export function createHistoryValidator(): HistoryValidator {
  const events = new Map<string, CloudEvent>();
  const problems: string[] = [];

  function sequenceProblems(): string[] {
    const histories = Map.groupBy(
      events.values(),
      ({ type, partitionkey }) => `${type} ${partitionkey}`,
    );
    return [...histories].flatMap(([name, history]) =>
      history.slice(1).flatMap(({ type, sequence }, index) => {
        const step = BigInt(sequence) - BigInt(history[index]?.sequence ?? 0);
        // Compaction takes records out of the middle.
        return step === 1n || (step > 1n && compacted.has(type))
          ? []
          : [`${name}: sequence ${sequence} follows ${history[index]?.sequence}`];
      }),
    );
  }

  function episodeProblems(): string[] {
    const expired = [...events.values()].filter(({ type }) => type === 'credential.expired');
    const episodes = Map.groupBy(expired, ({ data }) => data?.['episodeId']);
    return [...episodes].flatMap(([episode, told]) =>
      told.length === 1 ? [] : [`episode ${episode} is told ${told.length} times`],
    );
  }

  return {
    add(event) {
      const known = events.get(event.id);
      const place = ({ type, partitionkey, sequence }: CloudEvent) =>
        `${type} ${partitionkey} ${sequence}`;
      if (known && place(known) !== place(event)) {
        problems.push(`id ${event.id} is that of ${place(known)} and of ${place(event)}`);
      }
      if (!known) events.set(event.id, event);
    },
    problems: () => [...problems, ...sequenceProblems(), ...episodeProblems()],
  };
}
