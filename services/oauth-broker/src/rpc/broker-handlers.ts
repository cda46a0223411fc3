import type { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { RpcHandlers } from '@credential-renewal/rpc';

/** One function per RPC. */
export type BrokerHandlers = RpcHandlers<typeof OauthBrokerServiceService>;
