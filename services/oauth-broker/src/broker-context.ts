import type { Clock, Logger } from '@credential-renewal/runtime';
import type { AccessTokenCache } from './access-token/access-token-cache.ts';
import type { CredentialTargets } from './access-token/credential-targets.ts';
import type { TokenReadCounter } from './access-token/token-read-counter.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import type { OauthBrokerConfig } from './config.ts';
import type { BrokerMetrics } from './metrics.ts';
import type { ProviderClients } from './provider/provider-clients.ts';
import type { Refresher } from './refresh/refresher.ts';
import type { RegistryClient, VaultClient } from './service-clients.ts';
import type { AuthorizationStore } from './store/authorization-store.ts';
import type { TokenReadStore } from './store/token-read-store.ts';

/** What the RPCs and sweeps of the broker may use. */
export type BrokerContext = {
  config: OauthBrokerConfig;
  catalogue: Catalogue;
  clients: ProviderClients;
  store: AuthorizationStore & { tokenReads: TokenReadStore };
  vault: VaultClient;
  registry: RegistryClient;
  tokens: AccessTokenCache;
  targets: CredentialTargets;
  tokenReads: TokenReadCounter;
  refresher: Refresher;
  metrics: BrokerMetrics;
  clock: Clock;
  logger: Logger;
  random: () => number;
  /** Names this process to the vault. */
  owner: string;
  /** A credential is to be revoked at its provider. */
  revocationDue: () => void;
};
