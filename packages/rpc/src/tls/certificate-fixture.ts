import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateAuthority, createAuthority } from '@credential-renewal/runtime/testing';
import { onTestFinished } from 'vitest';

type Issued = { certificate: string; key: string };
type Files = Record<'tls.crt' | 'tls.key' | 'ca.crt', string>;

export const authority: CertificateAuthority = createAuthority('Ours');

/** For tests: a certificate as the chart asks cert-manager for it. */
export function issueTo(name: string, by = authority): Issued {
  return by.issueFor({
    dns: [name, `${name}.shop.svc`],
    uris: [`spiffe://credential-renewal/${name}`],
  });
}

export function filesOf({ certificate, key }: Issued, by = authority): Files {
  return { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': by.certificate };
}

/** For tests: a directory as Kubernetes mounts a Secret: the files are links into `..data`, a link that is exchanged as a whole. */
export function mountSecret(files: Files) {
  const directory = mkdtempSync(join(tmpdir(), 'rpc-tls-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  let version = 0;
  function swap(next: Partial<Files>): void {
    version += 1;
    const data = `..${version}`;
    mkdirSync(join(directory, data));
    for (const [name, text] of Object.entries(next))
      writeFileSync(join(directory, data, name), text);
    symlinkSync(data, join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  }
  swap(files);
  for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(directory, name));
  return { directory, swap };
}

/** For tests: the directory of a process of this name. */
export const directoryOf = (name: string) => mountSecret(filesOf(issueTo(name))).directory;
