import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

export type CertificateAuthority = {
  /** PEM. */
  certificate: string;
  /** A server's certificate for 127.0.0.1, localhost and these names and IPv4 addresses, and its key (PKCS #8), both PEM. */
  issue(...names: string[]): IssuedCertificate;
  /** One that carries these names alone, valid for `lifeMs` from `validFromMs` on; a day before and after now unless given. */
  issueFor(
    names: { dns?: readonly string[]; uris?: readonly string[] },
    validity?: { validFromMs?: number; lifeMs?: number },
  ): IssuedCertificate;
};

/** PEM; the key in PKCS #8. */
export type IssuedCertificate = { certificate: string; key: string };

/** Authorities and certificates made by a run, for that run: Node reads certificates and makes none. RFC 5280, as little of it as a server needs. */
export function createAuthority(name: string): CertificateAuthority {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const basicConstraints = extension('551d13', sequence(der(0x01, Buffer.from([0xff]))));
  return {
    certificate: certificateOf({
      issuer: name,
      subject: name,
      publicKey: authority.publicKey,
      extensions: [basicConstraints],
      signedWith: authority.privateKey,
    }),
    issue(...hosts) {
      const all = ['localhost', '127.0.0.1', ...hosts];
      return issue(all.map((host) => (isIPv4(host) ? ipAddress(host) : dnsName(host))));
    },
    issueFor: ({ dns = [], uris = [] }, validity) =>
      issue([...dns.map(dnsName), ...uris.map(uri)], validity),
  };

  function issue(names: Buffer[], validity?: Validity): IssuedCertificate {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return {
      certificate: certificateOf({
        ...{ issuer: name, subject: 'localhost', validity },
        publicKey: keys.publicKey,
        extensions: [extension('551d11', sequence(...names))],
        signedWith: authority.privateKey,
      }),
      key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }
}

type Certificate = {
  issuer: string;
  subject: string;
  publicKey: KeyObject;
  extensions: Buffer[];
  signedWith: KeyObject;
  validity?: Validity | undefined;
};

type Validity = { validFromMs?: number; lifeMs?: number };

const dayMs = 24 * 60 * 60_000;
const ecdsaWithSha256 = () => sequence(objectId('2a8648ce3d040302'));

function certificateOf({
  issuer,
  subject,
  publicKey,
  extensions,
  signedWith,
  validity: { validFromMs = Date.now() - dayMs, lifeMs = 2 * dayMs } = {},
}: Certificate): string {
  const version3 = der(0xa0, integer(Buffer.from([2])));
  // A leading bit would make it negative; a leading zero byte needless.
  const serial = integer(Buffer.concat([Buffer.from([0x42]), randomBytes(15)]));
  const body = sequence(
    version3,
    serial,
    ecdsaWithSha256(),
    distinguishedName(issuer),
    sequence(utcTime(validFromMs), utcTime(validFromMs + lifeMs)),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = bitString(sign('sha256', body, signedWith));
  const bytes = sequence(body, ecdsaWithSha256(), signature).toString('base64');
  const lines = bytes.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  // The shortest form: Java encodes anew what it checks the signature of.
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const integer = (bytes: Buffer) => der(0x02, bytes);
const bitString = (bytes: Buffer) => der(0x03, Buffer.from([0]), bytes);
const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const extension = (id: string, value: Buffer) => sequence(objectId(id), der(0x04, value));
const distinguishedName = (commonName: string) =>
  sequence(der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from(commonName)))));
/** The kinds of a GeneralName (RFC 5280 section 4.2.1.6). */
const dnsName = (name: string) => der(0x82, Buffer.from(name));
const uri = (text: string) => der(0x86, Buffer.from(text));
const ipAddress = (address: string) => der(0x87, Buffer.from(address.split('.').map(Number)));
/** `YYMMDDhhmmssZ` */
const utcTime = (ms: number) =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
