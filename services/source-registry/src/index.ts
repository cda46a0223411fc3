export { readSourceRegistryConfig, type SourceRegistryConfig } from './config.ts';
export {
  type RunningSourceRegistry,
  type SourceRegistryDeps,
  startSourceRegistry,
} from './start-source-registry.ts';
