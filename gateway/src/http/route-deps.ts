import type { NotificationDeliveryServiceService } from '@credential-renewal/proto/notification/v1/deliveries';
import type { NotificationPreferencesServiceService } from '@credential-renewal/proto/notification/v1/preferences';
import type { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { DrillServiceService } from '@credential-renewal/proto/source_registry/v1/drills';
import type { SourceRegistryServiceService } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RpcClient } from '@credential-renewal/rpc';
import type { Logger } from '@credential-renewal/runtime';
import type { UserDirectory } from '../session/user-directory.ts';
import type { ReturnTargets } from '../sign-in/return-target.ts';
import type { Catalogue } from './catalogue.ts';

/** What the routes below `/api/v1` may use. */
export type RouteDeps = {
  registry: RpcClient<typeof SourceRegistryServiceService>;
  drills: RpcClient<typeof DrillServiceService>;
  broker: RpcClient<typeof OauthBrokerServiceService>;
  preferences: RpcClient<typeof NotificationPreferencesServiceService>;
  deliveries: RpcClient<typeof NotificationDeliveryServiceService>;
  catalogue: Catalogue;
  users: UserDirectory;
  returnTargets: ReturnTargets;
  publicUrl: URL;
  logger: Logger;
};
