import { spawnNode } from '../system/spawned-process.ts';
import type { Measured } from './figure.ts';
import { median } from './statistics.ts';

type Cost = Record<'encryptUs' | 'decryptUs' | 'joseEncryptUs' | 'joseDecryptUs', number>;

const runs = 3;
const cipherCost = new URL(
  '../../services/credential-vault/src/testing/cipher-cost.child.ts',
  import.meta.url,
).pathname;

/** CPU time of encrypting and decrypting one token as the vault does, in a process of its own, beside the library `jose` with the same JWE. */
export async function measureJwe(): Promise<Measured> {
  const costs: Cost[] = [];
  for (let run = 0; run < runs; run++) {
    const child = spawnNode([cipherCost], { PATH: process.env['PATH'] });
    if ((await child.ended) !== 0) throw new Error(child.output());
    costs.push(JSON.parse(child.told()) as Cost);
  }
  const medianOf = (name: keyof Cost) =>
    Math.round(median(costs.map((cost) => cost[name])) * 10) / 10;
  const [encrypt, decrypt] = [medianOf('encryptUs'), medianOf('decryptUs')];
  const [joseEncrypt, joseDecrypt] = [medianOf('joseEncryptUs'), medianOf('joseDecryptUs')];
  return {
    lines: [
      `to encrypt a token: ${encrypt} µs of CPU (jose: ${joseEncrypt} µs)`,
      `to decrypt a token: ${decrypt} µs of CPU (jose: ${joseDecrypt} µs)`,
    ],
    figures: [
      { name: 'jwe-encrypt-cost', value: encrypt, unit: 'us/token' },
      { name: 'jwe-decrypt-cost', value: decrypt, unit: 'us/token' },
      { name: 'jwe-encrypt-cost-of-jose', value: joseEncrypt, unit: 'us/token' },
      { name: 'jwe-decrypt-cost-of-jose', value: joseDecrypt, unit: 'us/token' },
    ],
  };
}
