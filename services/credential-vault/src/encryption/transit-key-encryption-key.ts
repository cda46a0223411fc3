import { createHash } from 'node:crypto';
import { KeyMismatchError, KeyMissingError, KeyServiceRefusedError } from '../errors.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import type { TransitSettings } from './key-settings.ts';
import { createTransitClient, type TransitAnswer } from './transit-client.ts';

const prefix = 'transit';

/**
 * A key of the Transit secrets engine. It never leaves the engine. What it wraps is the engine's own `vault:v3:...` behind `transit:<id>:`; the id
 * is that of this very key, so that one which takes the place of another is not mistaken for it because of an equal version.
 *
 * The context goes along twice: as `associated_data`, which binds with any AEAD key, and as `context`, which derived keys ask for and others ignore.
 * `/rewrap` cannot be used: it takes no associated data (hashicorp/vault#29532), so a rotation unwraps and wraps.
 */
export function createTransitKeyEncryptionKey(settings: TransitSettings): KeyEncryptionKey {
  const { origin, mount, keyName } = settings;
  const place = `The Transit key ${mount}/${keyName} at ${origin}`;
  const client = createTransitClient(settings, place);
  const id = createHash('sha256').update(place).digest('base64url').slice(0, 12);
  const bound = (context: string) => {
    const encoded = base64(Buffer.from(context, 'utf8'));
    return { associated_data: encoded, context: encoded };
  };

  return {
    place,
    async wrap(key, context) {
      const answer = await client.post(`${mount}/encrypt/${keyName}`, {
        plaintext: base64(key),
        ...bound(context),
      });
      const { ciphertext } = answer.data;
      if (answer.status < 300 && typeof ciphertext === 'string')
        return `${prefix}:${id}:${ciphertext}`;
      throw isAbsent(answer)
        ? new KeyServiceRefusedError(
            place,
            'there is no such key or mount; check KEY_ENCRYPTION_KEY_URL.',
          )
        : new KeyServiceRefusedError(place, `it wraps no key (${told(answer)}).`);
    },
    async unwrap(wrapped, context) {
      const ciphertext = ownCiphertext(wrapped);
      if (ciphertext === undefined) throw new KeyMismatchError(place, context);
      const answer = await client.post(`${mount}/decrypt/${keyName}`, {
        ciphertext,
        ...bound(context),
      });
      const { plaintext } = answer.data;
      if (answer.status < 300 && typeof plaintext === 'string')
        return Buffer.from(plaintext, 'base64');
      throw isAbsent(answer)
        ? new KeyMissingError(place)
        : new KeyMismatchError(place, context, new Error(told(answer)));
    },
    versionOf: (wrapped) => /^transit:[^:]+:[^:]+:v\d+/.exec(wrapped)?.[0] ?? '',
    async makeNewer() {
      const answer = await client.post(`${mount}/keys/${keyName}/rotate`, {});
      if (answer.status >= 300) {
        throw new KeyServiceRefusedError(place, `it makes no newer version (${told(answer)}).`);
      }
    },
  };
}

/** Whatever the id: the address of the engine may be another one today. Undefined: something else has wrapped it. */
function ownCiphertext(wrapped: string): string | undefined {
  return /^transit:[^:]+:(.+)$/.exec(wrapped)?.[1];
}

/** A mount that is not there is a 404; a key that is not there, a 400 with these words. */
function isAbsent({ status, errors }: TransitAnswer): boolean {
  return status === 404 || /key not found/.test(errors);
}

function told({ status, errors }: TransitAnswer): string {
  return errors === '' ? `status ${status}` : errors;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
