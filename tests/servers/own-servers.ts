import { chooseLanes, isOwn } from './lanes.ts';
import { runFacts } from './run-facts.ts';

const { kafka, mongodb } = chooseLanes(await runFacts());

/** Whether servers can be started here that a test may kill. Where not, tests are skipped, and the run has said how to change that. */
export const canStart = { kafka: kafka.some(isOwn), mongodb: mongodb.some(isOwn) };
