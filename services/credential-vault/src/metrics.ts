import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { UnreadableReason } from './errors.ts';
import type { OutageEnd, OutageWatch } from './rules/outage-breaker.ts';
import type { StatusCount } from './store/credential-store.ts';

export type VaultMetrics = {
  /** To be watched: with each, a person will have to renew, or an operator to bring a key back. */
  decryptFailed(reason: UnreadableReason): void;
  /** `handling`: apply, hold, pause, shadow. */
  verdict(providerId: string, reason: string, handling: string): void;
  /** To be watched: somebody has to look at the provider. */
  outage(providerId: string, outcome: 'begun' | OutageEnd): void;
  /** A person has mended what had been dead for so long. */
  renewed(providerId: string, deadForMs: number): void;
};

const unreadableReasons: readonly UnreadableReason[] = [
  'malformed',
  'moved',
  'tampered',
  'unknown_key',
];

export function createVaultMetrics(
  registry: Registry,
  gauges: {
    outages: () => Promise<readonly { watch: OutageWatch }[]>;
    credentials: () => Promise<readonly StatusCount[]>;
  },
): VaultMetrics {
  const decryptFailures = new Counter({
    name: 'credential_vault_decrypt_failures_total',
    help: 'Stored tokens that could not be opened, by what is wrong with them',
    labelNames: ['reason'],
    registers: [registry],
  });
  // From the start at zero, so that an alert on an increase sees the first one too.
  for (const reason of unreadableReasons) decryptFailures.inc({ reason }, 0);
  const verdicts = new Counter({
    name: 'credential_vault_verdicts_total',
    help: 'Credentials found dead, by reason and by what became of that',
    labelNames: ['provider', 'reason', 'handling'],
    registers: [registry],
  });
  const outages = new Counter({
    name: 'credential_vault_outages_total',
    help: 'Suspected outages: begun, and how they ended (released, confirmed, ended by time)',
    labelNames: ['provider', 'outcome'],
    registers: [registry],
  });
  new Gauge({
    name: 'credential_vault_outages',
    help: 'Whether verdicts of a client are held because of a suspected outage',
    labelNames: ['provider', 'client'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { watch } of await gauges.outages()) {
        const { providerId: provider, clientId: client, hold } = watch;
        if (hold) this.set({ provider, client }, 1);
      }
    },
  });
  const renewals = new Histogram({
    name: 'credential_vault_death_to_renewal_seconds',
    help: 'From the moment a credential stopped working to its renewal by a person',
    labelNames: ['provider'],
    buckets: [60, 600, 3_600, 6 * 3_600, 86_400, 3 * 86_400, 7 * 86_400, 30 * 86_400],
    registers: [registry],
  });
  measureCredentials(registry, gauges.credentials);
  return {
    renewed: (provider, deadForMs) => renewals.observe({ provider }, deadForMs / 1000),
    decryptFailed: (reason) => decryptFailures.inc({ reason }),
    verdict: (provider, reason, handling) => verdicts.inc({ provider, reason, handling }),
    outage: (provider, outcome) => outages.inc({ provider, outcome }),
  };
}

/** However often it is asked for, and by however many. */
const countEveryMs = 15_000;

function measureCredentials(
  registry: Registry,
  count: () => Promise<readonly StatusCount[]>,
): void {
  let counted: readonly StatusCount[] = [];
  let countedAtMs = Number.NEGATIVE_INFINITY;
  new Gauge({
    name: 'credential_vault_credentials',
    help: 'Credentials by provider and state, counted every 15 s at most; every replica tells all of them',
    labelNames: ['provider', 'status'],
    registers: [registry],
    async collect() {
      if (performance.now() - countedAtMs > countEveryMs) {
        counted = await count();
        countedAtMs = performance.now();
      }
      this.reset();
      for (const { providerId: provider, status, count: value } of counted)
        this.set({ provider, status }, value);
    },
  });
}
