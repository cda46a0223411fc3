import { generateKeyPairSync, sign } from 'node:crypto';

/** A request to the webhook: its body, and the values of `X-Twilio-Email-Event-Webhook-Signature` and `-Timestamp`. */
export type SignedBatch = { body: Buffer; signature: string; timestamp: string };

/** Signs as the event webhook does: ECDSA on P-256 with SHA-256, over the timestamp's digits and the body's bytes. */
export function createEventSigner() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    /** As the console shows it: base64 of DER, without the lines of a PEM. */
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    /** `events` may be text or bytes, to send what is no list of events. */
    sign(events: unknown, { atMs = Date.now() }: { atMs?: number } = {}): SignedBatch {
      const body = toBody(events);
      const timestamp = String(Math.floor(atMs / 1000));
      const signature = sign('sha256', Buffer.concat([Buffer.from(timestamp), body]), privateKey);
      return { body, signature: signature.toString('base64'), timestamp };
    },
  };
}

function toBody(events: unknown): Buffer {
  if (Buffer.isBuffer(events)) return events;
  if (typeof events === 'string') return Buffer.from(events);
  // As SendGrid writes it: an event on a line, and a line end after the last.
  return Buffer.from(`${JSON.stringify(events).split('},{').join('},\r\n{')}\r\n`);
}

/** Posts as the event webhook does, with the headers that it documents. */
export async function postBatch(url: string, batch: SignedBatch): Promise<number> {
  const { status } = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-signature': batch.signature,
      'x-twilio-email-event-webhook-timestamp': batch.timestamp,
    },
    body: new Uint8Array(batch.body),
  });
  return status;
}

let made = 0;

/** An event of a mail, with the fields that SendGrid gives one of its kind. */
export function makeEvent(
  event: string,
  mailId: string,
  changes: Record<string, unknown> = {},
): Record<string, unknown> {
  made += 1;
  return {
    email: 'ann@example.com',
    timestamp: 1_777_817_100,
    'smtp-id': `<${mailId}@app.example>`,
    event,
    category: ['expired'],
    sg_event_id: `event-${made}`,
    sg_message_id: `message-${mailId}.recvd-0`,
    mail_id: mailId,
    ...changes,
  };
}
