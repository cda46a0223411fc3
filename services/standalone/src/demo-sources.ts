import { existsSync, writeFileSync } from 'node:fs';
import { seedDemoWorld } from '@credential-renewal/demo-provider';
import type { Logger } from '@credential-renewal/runtime';
import type { Stoppable } from './start-order.ts';

/**
 * Makes the newcomer's sources in the background, through the product's own pages, so only once it answers. Once: what
 * somebody has deleted since stays deleted, which `marker` remembers.
 */
export function makeDemoSources(options: {
  gatewayUrl: string;
  marker: string;
  logger: Logger;
}): Stoppable {
  const { gatewayUrl, marker, logger } = options;
  if (existsSync(marker)) return { stop: async () => {} };
  const stopping = new AbortController();
  const made = seedDemoWorld({ gatewayUrl, logger, signal: stopping.signal })
    .then(() => writeFileSync(marker, ''))
    .catch((err: unknown) => {
      if (!stopping.signal.aborted) logger.error({ err }, 'the demo sources could not be made');
    });
  return {
    async stop() {
      stopping.abort();
      await made;
    },
  };
}
