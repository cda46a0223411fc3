import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { namesInCertificate } from './certificate-names.ts';
import { RpcCertificateUnusableError } from './errors.ts';

/** What `tls.crt`, `tls.key` and `ca.crt` hold: PEM that fits together. */
export type CertificateFiles = {
  /** Ours, followed by what leads from it to an authority. */
  certificate: Buffer;
  privateKey: Buffer;
  /** Whose certificates we believe. */
  authorities: Buffer;
  expiresAtMs: number;
};

const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

/**
 * Reads the three files as cert-manager mounts them and checks all that can be seen from here, so that what is half written or does not fit
 * is never used. Throws `RpcCertificateUnusableError`. `name` is what the others call us. The time is the system's, as it is for OpenSSL.
 */
export function readCertificateFiles(
  directory: string,
  name: string,
  nowMs = Date.now(),
): CertificateFiles {
  const [certificateFile, keyFile, authoritiesFile] = ['tls.crt', 'tls.key', 'ca.crt'].map((file) =>
    join(directory, file),
  ) as [string, string, string];
  const certificate = read(certificateFile);
  const privateKey = read(keyFile);
  const authorities = read(authoritiesFile);

  const leaf = parse(certificateFile, () => new X509Certificate(certificate));
  const key = parseKey(keyFile, privateKey);
  if (!leaf.checkPrivateKey(key))
    throw new RpcCertificateUnusableError(keyFile, `is not the key of ${certificateFile}`);
  checkAuthorities(authoritiesFile, authorities);
  checkLeaf(certificateFile, leaf, name, nowMs);
  parse(certificateFile, () =>
    createSecureContext({ cert: certificate, key: privateKey, ca: authorities }),
  );
  return { certificate, privateKey, authorities, expiresAtMs: leaf.validToDate.getTime() };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RpcCertificateUnusableError(file, `cannot be read (${code})`, error);
  }
}

function parse<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new RpcCertificateUnusableError(file, 'is no certificate in PEM', error);
  }
}

function parseKey(file: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // Without the cause: nothing of a key belongs into a log.
    throw new RpcCertificateUnusableError(file, 'is no private key in PEM without a passphrase');
  }
}

function checkAuthorities(file: string, pem: Buffer): void {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END/g) ?? [];
  if (blocks.length === 0) throw new RpcCertificateUnusableError(file, 'holds no certificate');
  for (const block of blocks) parse(file, () => new X509Certificate(`${block} CERTIFICATE-----\n`));
}

function checkLeaf(file: string, leaf: X509Certificate, name: string, nowMs: number): void {
  const refuse = (problem: string) => new RpcCertificateUnusableError(file, problem);
  if (leaf.validToDate.getTime() <= nowMs)
    throw refuse(`has expired at ${leaf.validToDate.toISOString()}`);
  if (leaf.validFromDate.getTime() > nowMs)
    throw refuse(`is not valid before ${leaf.validFromDate.toISOString()}`);
  if (![...namesInCertificate(leaf.subjectAltName).keys()].some((one) => one === name))
    throw refuse(
      `does not name ${name} (as DNS:${name} or URI:spiffe://credential-renewal/${name})`,
    );
  // Every service is called and calls; without the extension a certificate is for everything.
  const usages: string[] | undefined = leaf.keyUsage;
  if (usages !== undefined && ![serverAuth, clientAuth].every((one) => usages.includes(one)))
    throw refuse('must be for both "server auth" and "client auth", or say nothing of its usage');
}
