import { type Clock, type GuardedFetch, OutgoingRequestError } from '@credential-renewal/runtime';
import { isUsableAddress } from '../sending/mail-address.ts';
import type { MailHandover } from './mail-handover.ts';
import type { SecretFile } from './secret-file.ts';
import { readAnswer } from './sendgrid-answer.ts';
import { type SendGridAnswer, sendWithSendGrid } from './sendgrid-client.ts';
import { isSendGridKey } from './sendgrid-key.ts';
import { toSendGridMail } from './sendgrid-mail.ts';
import {
  MailHandoverFailedError,
  MailRefusedError,
  TransportRefusedUsError,
} from './transport-errors.ts';

/** Hands mails to SendGrid (`POST /v3/mail/send`), one request a mail. What became of them comes back through `sendgrid-webhook.ts`. */
export function createSendGridHandover(deps: {
  /** An origin, `https://api.sendgrid.com`. */
  baseUrl: string;
  apiKey: SecretFile;
  fetch: GuardedFetch;
  clock: Clock;
}): MailHandover {
  const { baseUrl, fetch, clock } = deps;

  async function readKey(): Promise<string> {
    const key = await deps.apiKey().catch((error: Error) => {
      throw new TransportRefusedUsError('sendgrid', `we have no API key: ${error.message}`);
    });
    if (!isSendGridKey(key))
      throw new TransportRefusedUsError('sendgrid', 'the file of the API key holds none');
    return key;
  }

  return {
    name: 'sendgrid',
    reports: true,
    async handOver(mail, signal) {
      if (!isUsableAddress(mail.to.address))
        throw new MailRefusedError('sendgrid', 'the recipient has no usable address');
      const apiKey = await readKey();
      let answer: SendGridAnswer;
      try {
        answer = await sendWithSendGrid(toSendGridMail(mail), { baseUrl, apiKey, fetch, signal });
      } catch (error) {
        throw asHandoverError(error);
      }
      const problem = readAnswer(answer, clock.nowMs());
      if (problem) throw problem;
    },
    close() {},
  };
}

function asHandoverError(error: unknown): Error {
  if (error instanceof OutgoingRequestError)
    return new MailHandoverFailedError('sendgrid', error.message, error.sent ? 'unknown' : 'no');
  // The library refuses data of a wrong shape before it sends any.
  return new MailHandoverFailedError(
    'sendgrid',
    `the library failed (${error instanceof Error ? error.name : typeof error})`,
    'no',
  );
}
