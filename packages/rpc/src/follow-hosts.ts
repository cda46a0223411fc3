import { backoffMs } from '@credential-renewal/runtime';

export type HostPort = { host: string; port: number };
/** Addresses of a host name (an address is its own); rejects for a name that nobody knows. */
export type Lookup = (host: string) => Promise<string[]>;

export type FollowedHosts = {
  /** Looks again, now or as soon as the last look is `minIntervalMs` old. */
  look(): void;
  /** No further look and no further news, until the next `look`. */
  forget(): void;
};

/**
 * Finds out where hosts are, and tells when that has changed. A host whose lookup fails keeps the addresses it had and is looked
 * up again until it is known: grpc-js's own resolver asks twice for a name that is not there yet, and then never again
 * (1.14, with round_robin), while the name of a service without a ready replica is unknown to DNS for a while.
 */
export function followHosts(options: {
  hosts: readonly HostPort[];
  lookup: Lookup;
  /** `undefined`: no host is known. */
  found: (addresses: HostPort[] | undefined) => void;
  minIntervalMs: number;
  retry: { baseMs: number; maxMs: number };
  random: () => number;
}): FollowedHosts {
  const { hosts, lookup, found, minIntervalMs, retry, random } = options;
  const known = hosts.map((): HostPort[] => []);
  let told: string | undefined;
  let failures = 0;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  /** Of the running look; another or none: it has been forgotten. */
  let running: object | undefined;

  async function lookAtAll(): Promise<void> {
    timer = undefined;
    const self = {};
    running = self;
    lookedAtMs = performance.now();
    let unknown = 0;
    await Promise.all(
      hosts.map(async ({ host, port }, index) => {
        const addresses = await lookup(host).catch(() => []);
        if (running !== self) return;
        if (addresses.length === 0) unknown += 1;
        else known[index] = addresses.map((address) => ({ host: address, port }));
        // At once: a host that DNS is slow about must not keep the others waiting.
        if (addresses.length > 0) tell(known.flat());
      }),
    );
    if (running !== self) return;
    running = undefined;
    failures = unknown > 0 ? failures + 1 : 0;
    if (known.flat().length === 0) found(undefined);
    if (unknown > 0) later(backoffMs(failures, { ...retry, random }));
  }

  function tell(addresses: HostPort[]): void {
    const now = JSON.stringify(addresses);
    if (now === told) return;
    told = now;
    found(addresses);
  }

  function later(ms: number): void {
    timer ??= setTimeout(lookAtAll, ms).unref();
  }

  return {
    look() {
      if (running === undefined) later(Math.max(0, lookedAtMs + minIntervalMs - performance.now()));
    },
    forget() {
      clearTimeout(timer);
      timer = undefined;
      running = undefined;
      told = undefined;
      failures = 0;
      lookedAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}
