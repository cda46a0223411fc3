/** Topics and groups as the brokers know them: tests put a prefix before ours, so that many can use one broker. */
export type TopicNames = {
  topic(name: string): string;
  /** The way back. */
  ours(topic: string): string;
  group(name: string): string;
};

export function createTopicNames(prefix: string): TopicNames {
  return {
    topic: (name) => `${prefix}${name}`,
    ours: (topic) => topic.slice(prefix.length),
    group: (name) => `${prefix}${name}`,
  };
}
