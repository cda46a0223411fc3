import { test } from 'vitest';
import { config } from './config.ts';
import { findLane } from './lane.ts';

export const lane = findLane(config, process.env['PATH'] ?? '');

/** Of what the chart renders; skipped where the tools are missing, which the run has told. */
export const chartTest = test.skipIf(config.isOff || !lane.canRender);

/** On a cluster. */
export const clusterTest = test.skipIf(config.isOff || !lane.hasCluster);

/** On a cluster, with MongoDB and Kafka on this machine. */
export const enginesTest = test.skipIf(config.isOff || !lane.hasEngines);
