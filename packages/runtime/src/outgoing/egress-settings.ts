import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Settings } from '../settings.ts';

export type EgressProxy = {
  host: string;
  port: number;
  /** The value of `Proxy-Authorization`. */
  authorization?: string | undefined;
};

/** How requests leave the network. */
export type EgressSettings = {
  proxy?: EgressProxy | undefined;
  /** PEM: authorities that are trusted beside those of Node. */
  authorities?: string | undefined;
};

/** `EGRESS_PROXY_URL`, `EGRESS_PROXY_CREDENTIALS_FILE` (`user:password`) and `EGRESS_CA_FILE`. */
export function readEgressSettings(settings: Settings): EgressSettings {
  return { proxy: readProxy(settings), authorities: readAuthorities(settings) };
}

function readProxy(settings: Settings): EgressProxy | undefined {
  const credentials = settings.secretFile('EGRESS_PROXY_CREDENTIALS_FILE');
  if (credentials !== undefined && !/^[^:]+:/.test(credentials))
    settings.problem('EGRESS_PROXY_CREDENTIALS_FILE must name a file that holds user:password');
  if (settings.optionalText('EGRESS_PROXY_URL') === undefined) {
    if (settings.optionalText('EGRESS_PROXY_CREDENTIALS_FILE') !== undefined)
      settings.problem('EGRESS_PROXY_CREDENTIALS_FILE is only for a proxy in EGRESS_PROXY_URL');
    return undefined;
  }
  const url = settings.url('EGRESS_PROXY_URL', ['http']);
  if (url.protocol === 'invalid:') return undefined;
  if (url.username || url.password)
    settings.problem(
      'EGRESS_PROXY_URL must not hold a user or a password: they belong in EGRESS_PROXY_CREDENTIALS_FILE',
    );
  else if (url.href !== `${url.origin}/`)
    settings.problem('EGRESS_PROXY_URL must be an origin such as http://proxy.example:3128');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 80),
    authorization: credentials && `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}

function readAuthorities(settings: Settings): string | undefined {
  const path = settings.optionalText('EGRESS_CA_FILE');
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    settings.problem(`EGRESS_CA_FILE names a file that cannot be read (${code})`);
    return undefined;
  }
  const certificates =
    text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0 || !certificates.every(isCertificate))
    settings.problem('EGRESS_CA_FILE must name a file of certificates in PEM');
  return text;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.byteLength > 0;
  } catch {
    return false;
  }
}
