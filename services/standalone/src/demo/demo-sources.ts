import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { seedDemoWorld } from '@credential-renewal/demo-provider';
import type { Logger } from '@credential-renewal/runtime';
import type { Stoppable } from '../start-order.ts';

const askAgainMs = 200;

/**
 * Makes the newcomer's sources in the background, through the product's own pages, as soon as it answers. Once: what
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
  const { signal } = stopping;
  const made = untilAnswered(gatewayUrl, signal)
    .then(() => seedDemoWorld({ gatewayUrl, logger, signal }))
    .then(() => writeFileSync(marker, ''))
    .catch((err: unknown) => {
      if (!signal.aborted) logger.error({ err }, 'the demo sources could not be made');
    });
  return {
    async stop() {
      stopping.abort();
      await made;
    },
  };
}

/** The gateway may be a process that starts after us: it needs our catalogue. */
async function untilAnswered(gatewayUrl: string, signal: AbortSignal): Promise<void> {
  const answers = () =>
    fetch(`${gatewayUrl}/openapi.json`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) await pause(askAgainMs, undefined, { signal });
}
