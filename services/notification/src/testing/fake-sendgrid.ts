import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { Server } from 'node:net';
import { listenOnLoopback } from '@credential-renewal/runtime/testing';
import { createEventSigner, postBatch, type SignedBatch } from './sendgrid-events.ts';
import { findComplaints } from './sendgrid-request.ts';

/** What the fake was given, in the words of its API. */
export type SendGridMail = {
  from: { email: string; name?: string };
  subject: string;
  content: { type: string; value: string }[];
  personalizations: {
    to: { email: string; name?: string }[];
    headers: Record<string, string>;
    custom_args: Record<string, string>;
  }[];
  categories: string[];
  tracking_settings: Record<string, { enable: boolean }>;
  /** Of the answer's `X-Message-Id`. */
  messageId: string;
};

/**
 * How it treats one request. `status`: an answer of that status without taking the mail. `cut before`: the connection breaks as soon as the request's head is
 * there. `cut after`: it takes the mail and breaks the connection in the place of an answer. `silent`: it takes the mail and never answers.
 */
export type Treatment =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | 'cut before'
  | 'cut after'
  | 'silent'
  | 'accept';

export type FakeSendGrid = {
  url: string;
  /** Accepted, in the order of their coming. */
  mails: SendGridMail[];
  /** Each request's path and headers. */
  requests: { path: string; headers: IncomingMessage['headers'] }[];
  /** The next requests are treated so, one each; then all are accepted. */
  treatNext(...treatments: Treatment[]): void;
  /** Which key it knows. */
  apiKey: string;
  /** As the console shows it, for the webhook's settings. */
  publicKey: string;
  /** What its webhook posts. */
  sign(events: unknown, options?: { atMs?: number }): SignedBatch;
  /** Posts events to a webhook, as often and as late as the test wants; answers with the status. */
  post(webhookUrl: string, events: unknown, options?: { atMs?: number }): Promise<number>;
  close(): Promise<void>;
} & AsyncDisposable;

/** SendGrid's v3 API for sending mails, as it is documented, on loopback; and its signed event webhook. */
export async function startFakeSendGrid(
  options: { apiKey?: string; createServer?: (listener: RequestListener) => Server } = {},
): Promise<FakeSendGrid> {
  const signer = createEventSigner();
  const treatments: Treatment[] = [];
  const mails: SendGridMail[] = [];
  const requests: FakeSendGrid['requests'] = [];

  const make = options.createServer ?? createServer;
  const server = make(async (request, response) => {
    requests.push({ path: `${request.method} ${request.url}`, headers: request.headers });
    const treatment = treatments.shift() ?? 'accept';
    if (treatment === 'cut before') return void request.socket.destroy();
    const body = await readBody(request);
    if (typeof treatment === 'object')
      return answer(
        response,
        treatment.status,
        treatment.body ?? complaint('told to'),
        treatment.headers,
      );
    const refusal = refuse(request, body, fake.apiKey);
    if (refusal) return answer(response, refusal.status, refusal.body);
    const messageId = `fake-${mails.length + 1}`;
    mails.push({ ...(JSON.parse(body) as Omit<SendGridMail, 'messageId'>), messageId });
    if (treatment === 'cut after') return void request.socket.destroy();
    if (treatment === 'silent') return;
    answer(response, 202, undefined, { 'x-message-id': messageId });
  });
  const listening = await listenOnLoopback(server);
  const fake: FakeSendGrid = {
    url: `http://127.0.0.1:${listening.port}`,
    mails,
    requests,
    treatNext: (...next) => void treatments.push(...next),
    apiKey: options.apiKey ?? 'SG.fake.key-of-a-test',
    publicKey: signer.publicKey,
    sign: signer.sign,
    post: (webhookUrl, events, when) => postBatch(webhookUrl, signer.sign(events, when)),
    close: listening.close,
    [Symbol.asyncDispose]: listening.close,
  };
  return fake;
}

/** The largest message, attachments included. */
const largestBody = 30 * 1024 * 1024;

function refuse(
  request: IncomingMessage,
  body: string,
  apiKey: string,
): { status: number; body: unknown } | undefined {
  if (request.url !== '/v3/mail/send') return { status: 404, body: complaint('Not Found') };
  if (request.method !== 'POST') return { status: 405, body: complaint('method not allowed') };
  if (request.headers.authorization !== `Bearer ${apiKey}`)
    return {
      status: 401,
      body: complaint('The provided authorization grant is invalid, expired, or revoked'),
    };
  if (request.headers['content-type'] !== 'application/json')
    return { status: 415, body: complaint('Content-Type should be application/json.') };
  if (Buffer.byteLength(body) > largestBody)
    return { status: 413, body: complaint('Payload Too Large') };
  const errors = findComplaints(tryParse(body));
  return errors.length === 0 ? undefined : { status: 400, body: { errors } };
}

const complaint = (message: string) => ({ errors: [{ message, field: null, help: null }] });

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function tryParse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? '' : JSON.stringify(body));
}
