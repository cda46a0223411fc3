import { machineFacts } from '../servers/machine-facts.ts';
import { factsVariable } from '../servers/run-facts.ts';
import { config } from './config.ts';
import { nextImage, useImage } from './images.ts';
import { findLane } from './lane.ts';

/** Says what cannot be tested here, and brings the image to the cluster, under a second tag as well: what an upgrade is tested with. */
export default async function setUp(): Promise<void> {
  if (config.isOff) {
    process.stdout.write('KUBERNETES_TESTS=off: neither the chart nor a cluster is tested.\n');
    return;
  }
  const lane = findLane(config, process.env['PATH'] ?? '');
  for (const line of lane.missing) process.stdout.write(`${line}\n`);
  if (lane.missing.length > 0 && config.isRequired)
    throw new Error(
      `With CI=true nothing may be left untested (KUBERNETES_TESTS=off turns all of it off). ${lane.missing.join(' ')}`,
    );
  // A Docker that builds images need not be able to pull those of the engines.
  const facts = await machineFacts(process.env);
  const isJavaThere = facts.java && facts.maven;
  process.env[factsVariable] = JSON.stringify({ ...facts, docker: facts.docker && !isJavaThere });
  if (lane.hasCluster) await useImage(config, nextImage(config.image));
}
