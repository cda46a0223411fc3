import { Readable } from 'node:stream';
import type { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';
import type { Clock } from '@credential-renewal/runtime';
import type { FastifyRequest, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../http/app-type.ts';
import { errorResponses } from '../http/responses.ts';
import { callerOf } from '../session/caller.ts';
import type { UserDirectory } from '../session/user-directory.ts';
import { eventStream } from './event-stream.ts';
import type { LiveFeed } from './live-feed.ts';
import { createWorkspaceMembership } from './workspace-membership.ts';

export type LiveDeps = {
  feed: LiveFeed;
  users: UserDirectory;
  registry: Pick<RpcClient<typeof SourceRegistryServiceService>, 'listWorkspaces'>;
  clock: Clock;
  heartbeatMs: number;
  openStreams: { inc(): void; dec(): void };
};

/** A client that has not taken a byte for this long is dropped; it comes back with its last event id. */
const stalledHeartbeats = 3;

// Not typed by its schema: what is sent is a stream.
const schema: FastifySchema = {
  tags: ['live'],
  summary:
    'Server-sent events `source.credential-state` and `source.drill`, resumable by Last-Event-ID',
  headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 200 })) }),
  response: {
    200: {
      description:
        'Events `source.credential-state` (data: LiveEvent), `source.drill` (data: LiveDrill) and `reset`',
      content: { 'text/event-stream': { schema: Type.String() } },
    },
    ...errorResponses,
  },
};

export function liveRoutes(app: App, deps: LiveDeps): void {
  app.get('/events', { schema, exposeHeadRoute: false }, (request, reply) => {
    const caller = callerOf(request);
    const gone = new AbortController();
    request.raw.socket.once('close', () => gone.abort());
    const stream = Readable.from(
      eventStream(
        {
          ...deps,
          caller,
          membership: createWorkspaceMembership({ ...deps, userId: caller.user.id }),
          gone: gone.signal,
        },
        lastEventIdOf(request),
      ),
      { objectMode: false },
    );
    deps.openStreams.inc();
    stream.once('close', () => deps.openStreams.dec());
    dropWhenStalled(stream, request.raw.socket, deps.heartbeatMs * stalledHeartbeats);
    return reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .send(stream);
  });
}

function lastEventIdOf(request: FastifyRequest): string | undefined {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && header !== '' ? header : undefined;
}

/** The heartbeat makes the stream move; one that does not is blocked by its client's full window. */
function dropWhenStalled(
  stream: Readable,
  socket: { destroy(): void; bytesWritten: number },
  limitMs: number,
): void {
  let written = -1;
  const timer = setInterval(() => {
    if (socket.bytesWritten === written) socket.destroy();
    written = socket.bytesWritten;
  }, limitMs);
  stream.once('close', () => clearInterval(timer));
}
