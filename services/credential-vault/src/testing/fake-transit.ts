import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

type FakeKey = { derived: boolean; versions: Buffer[] };
type Scripted = { status: number; body?: string; headers?: Record<string, string> };
type Answer = { status: number; body: Record<string, unknown> };

/**
 * A stand-in for the Transit secrets engine of HashiCorp Vault and OpenBao, on loopback. It speaks the documented HTTP API of `encrypt`, `decrypt` and
 * `keys/<name>/rotate` (https://openbao.org/api-docs/secret/transit/), with the words and statuses of OpenBao's source (builtin/logical/transit,
 * http/handler.go), and really encrypts. It is not Vault: it knows nothing of policies but a list of refused paths, and nothing of leases, storage or batches.
 */
export type FakeTransit = {
  origin: string;
  /** By name. */
  keys: Map<string, FakeKey>;
  tokens: Set<string>;
  /** Paths after the mount that every token is refused. */
  refusedPaths: Set<string>;
  /** Undefined: the root namespace. */
  namespace: string | undefined;
  sealed: boolean;
  /** Whether `encrypt` makes a key that is not there (the capability `create`). */
  mayCreate: boolean;
  /** Answers that come first, whatever is asked. */
  script: (Scripted | 'hang' | 'cut')[];
  /** What was asked, without its token. */
  requests: { path: string; body: Record<string, unknown> }[];
  stop(): Promise<void>;
};

export async function startFakeTransit(tls?: {
  certificate: string;
  key: string;
}): Promise<FakeTransit> {
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    void serve(fake, request, response);
  const server = tls
    ? createHttpsServer({ cert: tls.certificate, key: tls.key }, handle)
    : createHttpServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fake: FakeTransit = {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    keys: new Map([['vault', newKey(false)]]),
    tokens: new Set(['hvs.first']),
    refusedPaths: new Set(),
    namespace: undefined,
    sealed: false,
    mayCreate: false,
    script: [],
    requests: [],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

export function newKey(derived: boolean): FakeKey {
  return { derived, versions: [randomBytes(32)] };
}

async function serve(
  fake: FakeTransit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  const path = request.url ?? '';
  fake.requests.push({ path, body });
  const scripted = fake.script.shift();
  if (scripted === 'hang') return;
  if (scripted === 'cut') return void request.socket.destroy();
  if (scripted) {
    response.writeHead(scripted.status, scripted.headers).end(scripted.body ?? '');
    return;
  }
  const { status, body: answer } = answerTo(fake, request, path, body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

function answerTo(
  fake: FakeTransit,
  { method, headers }: IncomingMessage,
  path: string,
  body: Record<string, string>,
): Answer {
  if (fake.sealed) return refusal(503, 'Vault is sealed');
  if (headers['x-vault-namespace'] !== fake.namespace) return refusal(403, 'permission denied');
  if (!fake.tokens.has(String(headers['x-vault-token']))) return refusal(403, 'permission denied');
  if (method !== 'POST') return refusal(405, 'unsupported operation');
  const [, operation, name = '', rotate] =
    /^\/v1\/transit\/(encrypt|decrypt|keys)\/([\w-]+)(\/rotate)?$/.exec(path) ?? [];
  if (operation === undefined || (operation === 'keys') !== (rotate !== undefined)) {
    return refusal(
      404,
      `no handler for route "${path.slice('/v1/'.length)}". route entry not found.`,
    );
  }
  if (fake.refusedPaths.has(`${operation}/${name}${rotate ?? ''}`)) {
    return refusal(403, '1 error occurred:\n\t* permission denied\n\n');
  }
  if (operation === 'encrypt' && fake.mayCreate && !fake.keys.has(name)) {
    fake.keys.set(name, newKey((body['context'] ?? '') !== ''));
  }
  const key = fake.keys.get(name);
  if (!key)
    return refusal(400, operation === 'keys' ? 'key not found' : 'encryption key not found');
  if (operation === 'encrypt') return encrypt(key, body);
  if (operation === 'decrypt') return decrypt(key, body);
  key.versions.push(randomBytes(32));
  return { status: 200, body: { data: { latest_version: key.versions.length } } };
}

function encrypt(key: FakeKey, body: Record<string, string>): Answer {
  const { plaintext } = body;
  if (plaintext === undefined) return refusal(400, 'missing plaintext to encrypt');
  const secret = versionKey(key, key.versions.length, body);
  if (!secret) return refusal(400, missingContext);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secret, iv);
  cipher.setAAD(Buffer.from(body['associated_data'] ?? '', 'base64'));
  const sealed = Buffer.concat([
    ...[iv, cipher.update(Buffer.from(plaintext, 'base64')), cipher.final()],
    cipher.getAuthTag(),
  ]);
  const ciphertext = `vault:v${key.versions.length}:${sealed.toString('base64')}`;
  return { status: 200, body: { data: { ciphertext, key_version: key.versions.length } } };
}

function decrypt(key: FakeKey, body: Record<string, string>): Answer {
  const [, version, text = ''] = /^vault:v(\d+):(.+)$/.exec(body['ciphertext'] ?? '') ?? [];
  if (version === undefined) return refusal(400, 'invalid ciphertext: no prefix');
  if (Number(version) > key.versions.length) {
    return refusal(400, 'invalid ciphertext: version is too new');
  }
  const secret = versionKey(key, Number(version), body);
  if (!secret) return refusal(400, missingContext);
  try {
    const sealed = Buffer.from(text, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from(body['associated_data'] ?? '', 'base64'));
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    return { status: 200, body: { data: { plaintext: plain.toString('base64') } } };
  } catch {
    return refusal(400, 'cipher: message authentication failed');
  }
}

const missingContext =
  "missing 'context' for key derivation; the key was created using a derived key, which means additional, per-request information must be included in order to perform operations with the key";

/** The context counts with derived keys and is passed over with others. */
function versionKey(
  { derived, versions }: FakeKey,
  version: number,
  body: Record<string, string>,
): Buffer | undefined {
  const secret = versions[version - 1];
  if (!derived || !secret) return secret;
  const context = Buffer.from(body['context'] ?? '', 'base64');
  if (context.length === 0) return undefined;
  return Buffer.from(hkdfSync('sha256', secret, '', context, 32));
}

function refusal(status: number, ...errors: string[]): Answer {
  return { status, body: { errors } };
}
