/**
 * Isolation level of fetches. Nobody writes transactions here; with `read_committed` one that somebody left open on a topic of ours would
 * stop every reader.
 */
export const readUncommitted = 0;
/** Resource type of configurations. */
export const topicResource = 2;
/** Where a value of a topic's configuration comes from: set on the topic itself. */
export const topicConfigSource = 1;
