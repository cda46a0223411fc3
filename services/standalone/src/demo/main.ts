import { openEventLog, readEventLogSettings } from '@credential-renewal/events';
import { runService } from '@credential-renewal/runtime';
import { prepareDataDirectory } from '../data-directory.ts';
import { advanceTogether } from './clock-peers.ts';
import { readDemoProcessConfig } from './config.ts';
import { openDemoPart } from './demo-part.ts';

/** The demo world as a process of its own, beside services that are processes of their own. For tests and demos. */
await runService({
  name: 'demo-world',
  env: process.env,
  internalPort: 9055,
  readConfig: readDemoProcessConfig,
  readEventLogSettings,
  openEventLog,
  async start(config, { shiftable, ...deps }) {
    prepareDataDirectory(config.dataDirectory);
    const demo = await openDemoPart(config, {
      ...deps,
      async advanceClock(ms) {
        if (!shiftable) throw new Error('CLOCK_MAY_SHIFT is not true: the clock cannot be moved');
        await advanceTogether(shiftable, config.clockPeers, ms);
      },
    });
    const population = await demo.populate();
    return {
      address: demo.world.origin,
      readiness: {},
      async stop() {
        await population.stop();
        await demo.stop();
      },
    };
  },
});
