import { lookup } from 'node:dns/promises';
import { experimental, status } from '@grpc/grpc-js';
import { followHosts, type HostPort, type Lookup } from './follow-hosts.ts';

type ResolverClass = Parameters<typeof experimental.registerResolver>[1];
type Answer = Parameters<experimental.ResolverListener>[0];

/** The scheme of a target that lists the replicas of a service: `replicas:///host:port,host:port`. */
export const replicasScheme = 'replicas';

const everyAddress: Lookup = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * A name resolver for grpc-js, which itself takes several addresses (`ipv4:`) or one name (`dns:`), but not several names.
 * A class, since grpc-js calls it with `new`.
 */
export function createReplicasResolver(lookupHost: Lookup = everyAddress): ResolverClass {
  return class implements experimental.Resolver {
    readonly updateResolution: () => void;
    readonly destroy: () => void;

    constructor(...[target, listener, options]: ConstructorParameters<ResolverClass>) {
      const followed = followHosts({
        hosts: target.path.split(',').map(readHostPort),
        lookup: lookupHost,
        found: (addresses) => {
          const answer: Answer = addresses
            ? { ok: true, value: addresses.map((one) => ({ addresses: [one] })) }
            : experimental.statusOrFromError({
                code: status.UNAVAILABLE,
                details: 'no host of the service is known',
              });
          listener(answer, {}, null, '');
        },
        minIntervalMs: options['grpc.dns_min_time_between_resolutions_ms'] ?? 5_000,
        retry: {
          baseMs: options['grpc.initial_reconnect_backoff_ms'] ?? 100,
          maxMs: options['grpc.max_reconnect_backoff_ms'] ?? 2_000,
        },
        random: Math.random,
      });
      this.updateResolution = followed.look;
      this.destroy = followed.forget;
    }

    /** The `:authority` of the calls, which our servers do not look at. */
    static getDefaultAuthority({ path }: { path: string }): string {
      return path.split(',')[0] ?? path;
    }
  };
}

/** The target has been checked (`rpc-target.ts`). An IPv6 address loses its brackets: they are for the text only. */
function readHostPort(text: string): HostPort {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/[[\]]/g, ''), port: Number(text.slice(colon + 1)) };
}

experimental.registerResolver(replicasScheme, createReplicasResolver());
