import { createPublicKey } from 'node:crypto';

/** A public key on P-256 as SubjectPublicKeyInfo, in base64. */
const keyLength = 124;

/**
 * The public keys in a text, each in base64: as SendGrid shows them, or out of PEM. Several, one after the other, are for a rotation. Undefined where it
 * holds anything but keys on P-256.
 */
export function splitWebhookKeys(text: string): string[] | undefined {
  const base64 = text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s+/g, '');
  if (base64 === '' || base64.length % keyLength !== 0) return undefined;
  const keys = base64.match(new RegExp(`.{${keyLength}}`, 'g')) ?? [];
  return keys.every(isP256) ? keys : undefined;
}

function isP256(base64: string): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.from(base64, 'base64'),
      format: 'der',
      type: 'spki',
    });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}
