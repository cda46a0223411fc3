export { type CertificateAuthority, createAuthority } from './certificates.ts';
export { type ConnectProxy, startConnectProxy } from './connect-proxy.ts';
export { type LoopbackServer, listenOnLoopback } from './loopback-server.ts';
export {
  type CollectedSpan,
  startTraceCollector,
  type TraceCollector,
} from './trace-collector.ts';
