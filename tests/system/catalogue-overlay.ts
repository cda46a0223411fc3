import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What connectors need, by their id. */
export type NeededScopes = Record<string, { provider: string; scopes: string[] }>;

/** An operator's own directory, laid over the catalogue of the demo world. It counts from the next start on. */
export type CatalogueOverlay = {
  /** For `CATALOGUE_DIRECTORY`. */
  path: string;
  /** As a release would let them need other scopes. */
  write(needed: NeededScopes): void;
  /** Changes nothing any more, as at first. */
  clear(): void;
  dispose(): void;
};

export function makeCatalogueOverlay(): CatalogueOverlay {
  const path = mkdtempSync(join(tmpdir(), 'cr-overlay-'));
  // JSON is YAML.
  const lay = (entry: { id: string; connectors?: object }) =>
    writeFileSync(join(path, `${entry.id}.yaml`), JSON.stringify(entry));
  const overlay: CatalogueOverlay = {
    path,
    write(needed) {
      for (const [connectorId, { provider, scopes }] of Object.entries(needed))
        lay({ id: provider, connectors: { [connectorId]: { scopes } } });
    },
    clear() {
      for (const name of readdirSync(path)) rmSync(join(path, name));
      // A directory without any file is refused.
      lay({ id: 'orchard' });
    },
    dispose: () => rmSync(path, { recursive: true }),
  };
  overlay.clear();
  return overlay;
}

/** One scope more than the demo world's connectors need at first, for one of each kind. */
export const oneScopeMore: NeededScopes = {
  'orchard-drive': { provider: 'orchard', scopes: ['files.read', 'files.list', 'files.comment'] },
  'chatter-enterprise': {
    provider: 'chatter',
    scopes: ['channels:read', 'files:read', 'members:read'],
  },
};
