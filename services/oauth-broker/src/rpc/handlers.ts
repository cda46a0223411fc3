import type { BrokerContext } from '../broker-context.ts';
import { beginAuthorization } from './begin-authorization.ts';
import type { BrokerHandlers } from './broker-handlers.ts';
import { cancelAuthorization } from './cancel-authorization.ts';
import { completeAuthorization } from './complete-authorization.ts';
import { disconnect } from './disconnect.ts';
import { getAccessToken } from './get-access-token.ts';
import { getAuthorization } from './get-authorization.ts';
import { listConnectors } from './list-connectors.ts';
import { listScopeUpgrades } from './list-scope-upgrades.ts';
import { listTokenReads } from './list-token-reads.ts';
import { reportRejectedToken } from './report-rejected-token.ts';
import { startAuthorization } from './start-authorization.ts';
import { startRenewal } from './start-renewal.ts';

export function createHandlers(broker: BrokerContext): BrokerHandlers {
  return {
    listConnectors: listConnectors(broker),
    listScopeUpgrades: listScopeUpgrades(broker),
    startAuthorization: startAuthorization(broker),
    startRenewal: startRenewal(broker),
    beginAuthorization: beginAuthorization(broker),
    completeAuthorization: completeAuthorization(broker),
    cancelAuthorization: cancelAuthorization(broker),
    getAuthorization: getAuthorization(broker),
    getAccessToken: getAccessToken(broker),
    listTokenReads: listTokenReads(broker),
    reportRejectedToken: reportRejectedToken(broker),
    disconnect: disconnect(broker),
  };
}
