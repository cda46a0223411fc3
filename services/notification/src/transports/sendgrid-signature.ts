import { isUtf8 } from 'node:buffer';
import { EventWebhook } from '@sendgrid/eventwebhook';
import { splitWebhookKeys } from './webhook-keys.ts';

type Key = ReturnType<EventWebhook['convertPublicKeyToECDSA']>;

const webhook = new EventWebhook();

/** The keys in a text (`webhook-keys.ts`); undefined where it holds anything else. */
export function parseWebhookKeys(text: string): Key[] | undefined {
  return splitWebhookKeys(text)?.map((key) => webhook.convertPublicKeyToECDSA(key));
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
