import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the catalogue says of the rotating provider. */
export function writeCatalogue(directory: string, origin: string, graceSeconds: number): void {
  mkdirSync(directory);
  writeFileSync(join(directory, 'secret'), 'of-nobody\n', { mode: 0o600 });
  const entry = {
    id: 'rotating',
    name: 'Rotating',
    issuer: origin,
    endpoints: { authorization: `${origin}/authorize`, token: `${origin}/token` },
    clients: {
      default: { id: 'our-client', secretFile: join(directory, 'secret') },
    },
    accessToken: { lifetimeSeconds: 3_600 },
    refreshToken: { rotation: 'single_use', graceSeconds },
    identity: { kind: 'user', call: `${origin}/me`, key: '/id', label: '/email' },
    verdicts: [{ error: 'invalid_grant', class: 'dead' }],
    allowPrivateHosts: [new URL(origin).host],
    connectors: { files: { name: 'Files', kind: 'personal', scopes: ['files.read'] } },
  };
  writeFileSync(join(directory, 'rotating.yaml'), JSON.stringify(entry));
}
