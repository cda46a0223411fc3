export { drillCallers, registryCallers } from './callers.ts';
export { readSourceRegistryConfig, type SourceRegistryConfig } from './config.ts';
export {
  type RunningSourceRegistry,
  type SourceRegistryDeps,
  startSourceRegistry,
} from './start-source-registry.ts';
