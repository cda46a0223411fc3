import type { Server } from '@grpc/grpc-js';
import { HealthImplementation, type ServingStatusMap } from 'grpc-health-check';
import type { OpenStream, OpenStreams } from './open-streams.ts';

export type Health = { drain(): void };

/** `grpc.health.v1.Health` for a service process as a whole (the empty name) and for each service by its full name. */
export function addHealth(
  servers: readonly Server[],
  services: string[],
  streams: OpenStreams,
): Health {
  const names = ['', ...services];
  const statuses: ServingStatusMap = Object.fromEntries(names.map((name) => [name, 'SERVING']));
  const health = new HealthImplementation(statuses);
  for (const server of servers) {
    health.addToServer({
      addService(definition, { watch, ...implementation }) {
        server.addService(definition, {
          ...implementation,
          // grpc-health-check keeps a watcher's stream open for ever, and a drain waits for open streams.
          watch(call: OpenStream) {
            streams.add(call);
            (watch as (call: unknown) => void)(call);
          },
        });
      },
    });
  }
  return {
    drain() {
      for (const name of names) health.setStatus(name, 'NOT_SERVING');
    },
  };
}
