import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One provider in the shape of the broker's catalogue (`services/oauth-broker/src/catalogue/catalogue-schema.ts`). */
export type CatalogueEntry = {
  id: string;
  name: string;
  issuer: string;
  endpoints?: { authorization: string; token: string; revocation?: string; userinfo?: string };
  clients: {
    default: {
      id: string;
      secretFile: string;
      authentication: 'client_secret_basic' | 'client_secret_post';
    };
  };
  issuerParameter: boolean;
  scopes?: { separator?: 'space' | 'comma'; always?: string[]; neverReturned?: string[] };
  accessToken: { lifetimeSeconds: number | 'none' };
  refreshToken?: {
    idleSeconds?: number;
    rotation: 'none' | 'single_use';
    graceSeconds?: number;
  };
  identity: { kind: 'user' | 'tenant'; call: string; key: string; label: string };
  errors?: { inside200: { ok?: string; error: string } };
  verdicts: { error: string; class: 'dead'; reason?: 'access_withdrawn' | 'admin_blocked' }[];
  allowPrivateHosts: string[];
  connectors: Record<string, { name: string; kind: 'personal' | 'enterprise'; scopes: string[] }>;
};

/** Writes one file per provider. JSON is YAML, so no emitter is needed. */
export async function writeCatalogue(
  directory: string,
  entries: readonly CatalogueEntry[],
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await Promise.all(
    entries.map((entry) =>
      writeFile(join(directory, `${entry.id}.yaml`), `${JSON.stringify(entry, null, 2)}\n`),
    ),
  );
}
