import { isUtf8 } from 'node:buffer';
import { createPublicKey } from 'node:crypto';
import { EventWebhook } from '@sendgrid/eventwebhook';

type Key = ReturnType<EventWebhook['convertPublicKeyToECDSA']>;

const webhook = new EventWebhook();

/** A public key on P-256 as SubjectPublicKeyInfo, in base64. */
const keyLength = 124;

/**
 * The keys in a text: base64 as SendGrid shows it, or PEM. Several, one after the other, are for a rotation. Undefined where it holds anything
 * but keys on P-256.
 */
export function parseWebhookKeys(text: string): Key[] | undefined {
  const base64 = text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s+/g, '');
  if (base64 === '' || base64.length % keyLength !== 0) return undefined;
  const keys = base64.match(new RegExp(`.{${keyLength}}`, 'g')) ?? [];
  return keys.every(isP256) ? keys.map((key) => webhook.convertPublicKeyToECDSA(key)) : undefined;
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

/**
 * Whether one of `keys` signed exactly these bytes at this time. The library makes text of the bytes and bytes of it again: what is not UTF-8
 * would become something else on the way, so it is refused before. It throws on a signature that is no DER.
 */
export function isSigned(
  keys: readonly Key[],
  { body, signature, timestamp }: { body: Buffer; signature: string; timestamp: string },
): boolean {
  if (!isUtf8(body) || !/^[A-Za-z0-9+/]{8,200}={0,2}$/.test(signature)) return false;
  return keys.some((key) => {
    try {
      return webhook.verifySignature(key, body, signature, timestamp);
    } catch {
      return false;
    }
  });
}
