import { createReadStream, existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Logger } from '@credential-renewal/runtime';
import fastifyStatic from '@fastify/static';
import type { App } from './http/app-type.ts';
import { sendPage } from './http/page.ts';
import type { PageForUnknown } from './http/problem-handlers.ts';

/** Paths that the pages' own router answers. */
const pagePaths = [
  '/',
  '/my-sources',
  '/workspaces',
  '/workspaces/:workspaceId',
  '/authorized-connections',
  '/notification-settings',
  '/sources/:sourceId',
];

export type StaticPages = {
  register(app: App): Promise<void>;
  pageForUnknown: PageForUnknown;
};

/**
 * The built pages: hashed files may be kept for ever, `index.html` is asked for each time. Without a build every page says how to
 * make one, and the API works all the same.
 */
export function createStaticPages({
  directory,
  logger,
}: {
  directory: string;
  logger: Logger;
}): StaticPages {
  const index = join(directory, 'index.html');
  if (existsSync(index))
    return {
      register: (app) => registerPages(app, directory),
      pageForUnknown: (reply) =>
        reply
          .code(404)
          .type('text/html; charset=utf-8')
          .header('cache-control', 'no-cache')
          .send(createReadStream(index)),
    };
  logger.warn({ directory }, 'the pages are not built: npm run build --workspace gateway/ui');
  return { register: registerMissingPages, pageForUnknown: () => undefined };
}

async function registerPages(app: App, directory: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: directory,
    index: false,
    cacheControl: false,
    setHeaders(reply, path) {
      const hashed = path.includes(`${sep}assets${sep}`);
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  for (const path of pagePaths)
    app.get(path, { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
}

async function registerMissingPages(app: App): Promise<void> {
  for (const path of pagePaths)
    app.get(path, { schema: { hide: true } }, (_request, reply) =>
      sendPage(reply, {
        status: 503,
        title: 'The pages are not built',
        text: 'Run "npm run build --workspace gateway/ui" and start again. The API works without them.',
        link: { href: '/docs', label: 'Look at the API' },
      }),
    );
}
