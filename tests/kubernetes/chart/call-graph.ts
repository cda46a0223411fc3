import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from '../../check/source-files.ts';

const homes: Record<string, string> = {
  'credential-vault': 'services/credential-vault',
  'source-registry': 'services/source-registry',
  'oauth-broker': 'services/oauth-broker',
  notification: 'services/notification',
  gateway: 'gateway',
};

/** Which service each variable names. */
const addressed: Record<string, string> = {
  VAULT_ADDRESS: 'credential-vault',
  REGISTRY_ADDRESS: 'source-registry',
  BROKER_ADDRESS: 'oauth-broker',
  NOTIFICATION_ADDRESS: 'notification',
};

/** `caller -> called`, as the services themselves read where others are. */
export function callsInCode(): string[] {
  return Object.entries(homes).flatMap(([caller, home]) => {
    const text = readFileSync(join(top, home, 'src/config.ts'), 'utf8');
    return [...text.matchAll(/readRpcTarget\(settings, '([A-Z_]+)'\)/g)].map(
      ([, variable = '']) => {
        const called = addressed[variable];
        if (called === undefined) throw new Error(`${home}: ${variable} names no service`);
        return `${caller} -> ${called}`;
      },
    );
  });
}
