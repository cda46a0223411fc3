/** Under which all replicas of notification share the event log. */
export const consumerGroup = 'notification';
