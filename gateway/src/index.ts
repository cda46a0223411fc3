export { type Gateway, type GatewayDeps, startGateway } from './app.ts';
export { type GatewayConfig, readGatewayConfig } from './config.ts';
