import type { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import type { CallersOf } from '@credential-renewal/rpc';

/** Who may call what: sync workers get access tokens, and nothing else. */
export const brokerCallers: CallersOf<typeof OauthBrokerServiceService> = {
  listConnectors: ['gateway'],
  listScopeUpgrades: ['gateway'],
  startAuthorization: ['gateway'],
  startRenewal: ['gateway'],
  beginAuthorization: ['gateway'],
  completeAuthorization: ['gateway'],
  cancelAuthorization: ['gateway'],
  getAuthorization: ['gateway'],
  getAccessToken: ['worker'],
  listTokenReads: ['operator'],
  reportRejectedToken: ['worker'],
  disconnect: ['gateway'],
};
