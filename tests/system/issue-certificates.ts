import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Caller, everyCaller } from '@credential-renewal/rpc';
import { createAuthority } from '@credential-renewal/runtime/testing';

export type IssuedCertificates = Record<Caller | 'demo-world', string>;

/** A directory with the three files for everybody who calls, as an operator has them issued. */
export function issueCertificates(directory: string): IssuedCertificates {
  const authority = createAuthority('Certificates of one product');
  const issue = (name: string, names: { dns: string[]; uris: string[] }) => {
    const path = join(directory, name);
    mkdirSync(path, { recursive: true });
    const { certificate, key } = authority.issueFor(names);
    writeFileSync(join(path, 'tls.crt'), certificate);
    writeFileSync(join(path, 'tls.key'), key, { mode: 0o600 });
    writeFileSync(join(path, 'ca.crt'), authority.certificate);
    return [name, path] as const;
  };
  const uri = (name: string) => `spiffe://credential-renewal/${name}`;
  const own = everyCaller.map((name) =>
    issue(name, { dns: [name, `${name}.test.svc`], uris: [uri(name)] }),
  );
  // It has a sync worker, and shows the mailbox.
  const demo = issue('demo-world', { dns: [], uris: [uri('worker/demo-sync'), uri('operator')] });
  return Object.fromEntries([...own, demo]) as IssuedCertificates;
}
