import { type Caller, everyCaller } from '../callers.ts';

/** For each name of ours that a certificate carries, which one of them it is (`RpcCaller.name`). */
export type CertificateNames = ReadonlyMap<Caller, string>;

const uriPrefix = 'spiffe://credential-renewal/';
/** A worker's own name: `spiffe://credential-renewal/worker/orders`. */
const ownName = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * Reads the subject alternative names as Node writes them (`DNS:oauth-broker, URI:spiffe://credential-renewal/oauth-broker`). Only
 * whole names count: the DNS name `oauth-broker`, or our URI. A longer DNS name (`oauth-broker.shop.svc`) is for other clients and names
 * nobody here: `oauth-broker.attacker.example` would be as good.
 */
export function namesInCertificate(subjectAltName: string | undefined): CertificateNames {
  const names = new Map<Caller, string>();
  for (const [, kind, value = ''] of entriesOf(subjectAltName ?? '')) {
    const path = kind === 'DNS' ? value : pathOf(value);
    const [first, own, ...rest] = path?.split('/') ?? [];
    const caller = everyCaller.find((one) => one === first);
    if (caller === undefined || rest.length > 0) continue;
    if (own === undefined) names.set(caller, names.get(caller) ?? caller);
    else if (kind === 'URI' && ownName.test(own)) names.set(caller, own);
  }
  return names;
}

/** Node puts a name in JSON quotes when it has a comma or a quote in it (CVE-2021-44532); none of ours has. */
function entriesOf(text: string): RegExpMatchArray[] {
  return [...text.matchAll(/(?:^|, )(DNS|URI):([^",\s]+)(?=, |$)/g)];
}

function pathOf(uri: string): string | undefined {
  return uri.startsWith(uriPrefix) ? uri.slice(uriPrefix.length) : undefined;
}
