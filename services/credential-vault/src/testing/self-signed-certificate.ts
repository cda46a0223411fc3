import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/**
 * A certificate for 127.0.0.1 that is its own authority, made by a run for that run: Node reads certificates and makes none. RFC 5280, as
 * little of it as a server needs. Both PEM.
 */
export function selfSignedCertificate(): { certificate: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(der(0x06, hex('2a8648ce3d040302')));
  const name = sequence(
    der(0x31, sequence(der(0x06, hex('550403')), der(0x0c, Buffer.from('test')))),
  );
  const address = der(0x30, der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = sequence(
    sequence(der(0x06, hex('551d13')), der(0x04, sequence(der(0x01, Buffer.from([0xff]))))),
    sequence(der(0x06, hex('551d11')), der(0x04, address)),
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([0x42]), randomBytes(15)])),
    ...[algorithm, name, sequence(time(-1), time(1)), name],
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]);
  const certificate = sequence(body, algorithm, der(0x03, signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join(
      '\n',
    ),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function time(days: number): Buffer {
  const moment = new Date(Date.now() + days * 24 * 60 * 60_000).toISOString();
  return der(0x17, Buffer.from(`${moment.slice(2, 19).replaceAll(/[-T:]/g, '')}Z`));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
