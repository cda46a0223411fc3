import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

export type DemoSecrets = {
  /** Of the product at this provider; made on first use. */
  clientSecret(providerId: string): Promise<string>;
  clientSecretFile(providerId: string): string;
  cookieKeys: string[];
  /** The private key that signs ID tokens and JWT access tokens (ES256). */
  signingKey: JWK;
};

/** Reads the demo world's keys and client secrets from `directory`, making what is missing; files have mode 600. */
export async function openDemoSecrets(directory: string): Promise<DemoSecrets> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keep = (name: string, make: () => string | Promise<string>) =>
    readOrMake(join(directory, name), make);
  const signingKey = JSON.parse(await keep('signing-key.json', makeSigningKey)) as JWK;
  const cookieKey = await keep('cookie-key', randomSecret);
  const clientSecretFile = (providerId: string) => join(directory, `${providerId}-client-secret`);
  return {
    clientSecret: (providerId) => readOrMake(clientSecretFile(providerId), randomSecret),
    clientSecretFile,
    cookieKeys: [cookieKey],
    signingKey,
  };
}

async function readOrMake(path: string, make: () => string | Promise<string>): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made = await make();
  await writeFile(path, made, { mode: 0o600, flag: 'wx' });
  return made;
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

async function makeSigningKey(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return JSON.stringify({ ...jwk, alg: 'ES256', use: 'sig', kid: randomBytes(8).toString('hex') });
}
