import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Caller, everyCaller } from '@credential-renewal/rpc';
import { createAuthority } from '@credential-renewal/runtime/testing';

type Name = Caller | 'demo-world';

export type IssuedCertificates = {
  /** The directory with the three files of everybody who calls. */
  directories: Record<Name, string>;
  /** New certificates of the same authority take the place of all. */
  renew(): void;
};

const uri = (name: string) => `spiffe://credential-renewal/${name}`;

/** Certificates for everybody who calls, as an operator has them issued. */
export function issueCertificates(directory: string): IssuedCertificates {
  const authority = createAuthority('Certificates of one product');
  const directories = Object.fromEntries(
    [...everyCaller, 'demo-world'].map((name) => [name, join(directory, name)]),
  ) as Record<Name, string>;

  function renew(): void {
    for (const [name, path] of Object.entries(directories)) {
      mkdirSync(path, { recursive: true });
      const { certificate, key } = authority.issueFor(namesOf(name as Name));
      writeFileSync(join(path, 'tls.crt'), certificate);
      writeFileSync(join(path, 'tls.key'), key, { mode: 0o600 });
      writeFileSync(join(path, 'ca.crt'), authority.certificate);
    }
  }
  renew();
  return { directories, renew };
}

function namesOf(name: Name): { dns: string[]; uris: string[] } {
  // It has a sync worker, and shows the mailbox.
  if (name === 'demo-world') return { dns: [], uris: [uri('worker/demo-sync'), uri('operator')] };
  return { dns: [name, `${name}.test.svc`], uris: [uri(name)] };
}
