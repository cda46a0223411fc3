export { brokerCallers } from './callers.ts';
export { type OauthBrokerConfig, readOauthBrokerConfig } from './config.ts';
export { type OauthBrokerDeps, type RunningOauthBroker, startOauthBroker } from './start.ts';
