import { randomBytes } from 'node:crypto';
import { FlattenedEncrypt, flattenedDecrypt } from 'jose';
import { createTokenCipher, jweAad } from '../encryption/token-cipher.ts';
import { keyringOf } from './sample-keyring.ts';

/** Prints, as JSON, the CPU time in microseconds that one token costs: here, and with `jose` doing the same. */
const tokens = 20_000;
const warmUp = 2_000;

const context = { accountId: 'acme', recordId: 'credential-1', field: 'access_token' } as const;
/** As long as a signed token of a large provider. */
const token = randomBytes(900).toString('base64url');
const key = randomBytes(32);
const cipher = createTokenCipher(await keyringOf(['key-1', Uint8Array.from(key)]), () => undefined);
const jwe = cipher.encrypt(token, context);
const aad = jweAad(context);

async function cpuUsOf(work: () => unknown): Promise<number> {
  for (let done = 0; done < warmUp; done++) await work();
  const before = process.cpuUsage();
  for (let done = 0; done < tokens; done++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / tokens;
}

const joseEncrypt = () =>
  new FlattenedEncrypt(new TextEncoder().encode(token))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'key-1' })
    .setAdditionalAuthenticatedData(new TextEncoder().encode(aad))
    .encrypt(key);

const cost = {
  encryptUs: await cpuUsOf(() => cipher.encrypt(token, context)),
  decryptUs: await cpuUsOf(() => cipher.decrypt(jwe, context)),
  joseEncryptUs: await cpuUsOf(joseEncrypt),
  joseDecryptUs: await cpuUsOf(() => flattenedDecrypt({ ...jwe, aad }, key)),
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
