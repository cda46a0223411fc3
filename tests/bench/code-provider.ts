import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const codeClient = { id: 'our-client', secret: 'of-nobody' };

export type CodeProvider = { origin: string; stop(): Promise<void> };

/** An OpenID provider in a process of its own, so that what it costs is counted to nobody. It keeps nothing: its codes carry what was asked. */
export async function startCodeProvider(): Promise<CodeProvider> {
  const child = fork(import.meta.filename);
  const [origin] = await once(child, 'message');
  return {
    origin: String(origin),
    async stop() {
      child.kill();
      await once(child, 'close');
    },
  };
}

/** What a browser brings back when `subject` agrees to what stands in the provider's URL: the query of the callback. */
export function consent(authorizationUrl: string, subject: string): string {
  const { origin, searchParams: asked } = new URL(authorizationUrl);
  const { code_challenge, nonce, scope, state = '' } = Object.fromEntries(asked);
  const code = Buffer.from(JSON.stringify({ code_challenge, nonce, scope, subject }));
  return new URLSearchParams({
    ...{ code: code.toString('base64url'), state, iss: origin },
  }).toString();
}

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  if (incoming.url === '/userinfo') {
    const [, subject = ''] = /^Bearer ([^.]+)/.exec(incoming.headers.authorization ?? '') ?? [];
    return send(response, 200, { sub: subject, email: `${subject}@acme.example` });
  }
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  const asked = JSON.parse(Buffer.from(form.get('code') ?? '', 'base64url').toString());
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (challenge !== asked.code_challenge) return send(response, 400, { error: 'invalid_grant' });
  const issuer = `http://${incoming.headers.host}`;
  send(response, 200, {
    access_token: `${asked.subject}.${randomBytes(30).toString('base64url')}`,
    token_type: 'Bearer',
    expires_in: 3_600,
    scope: asked.scope,
    refresh_token: randomBytes(30).toString('base64url'),
    id_token: idToken({ iss: issuer, sub: asked.subject, nonce: asked.nonce }),
  });
}

/** Nobody checks the signature of one that came from the token endpoint over TLS (OpenID Connect Core section 3.1.3.7). */
function idToken(claims: Record<string, unknown>): string {
  const now = Math.floor(Date.now() / 1_000);
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const payload = { aud: codeClient.id, iat: now, exp: now + 300, ...claims };
  return `${encode({ alg: 'RS256' })}.${encode(payload)}.${'A'.repeat(342)}`;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

if (process.argv[1] === import.meta.filename) {
  const server = createServer((incoming, response) => void answer(incoming, response));
  server.listen(0, '127.0.0.1', () => {
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
}
