/** Under which all replicas of the registry share the event log. */
export const consumerGroup = 'source-registry';
