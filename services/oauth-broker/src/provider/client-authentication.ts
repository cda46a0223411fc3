import type { KeyObject, webcrypto } from 'node:crypto';
import * as oauth from 'openid-client';
import type { CatalogueClient } from '../catalogue/load-client.ts';

/** How our client shows the provider that it is ours (RFC 6749 section 2.3, RFC 7523). */
export async function clientAuthentication({
  authentication,
  secret,
  signing,
}: CatalogueClient): Promise<oauth.ClientAuth> {
  switch (authentication) {
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(secret);
    case 'client_secret_post':
      return oauth.ClientSecretPost(secret);
    case 'private_key_jwt': {
      if (!signing) throw new Error('the client has no private key');
      const { keyId, thumbprint } = signing;
      return oauth.PrivateKeyJwt(
        { key: await toCryptoKey(signing.key), ...(keyId === undefined ? {} : { kid: keyId }) },
        {
          [oauth.modifyAssertion]: (header) => {
            if (thumbprint !== undefined) header['x5t#S256'] = thumbprint;
          },
        },
      );
    }
    case 'none':
      return oauth.None();
    default:
      return authentication satisfies never;
  }
}

const curves: Record<string, string> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

async function toCryptoKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const use = (algorithm: Parameters<KeyObject['toCryptoKey']>[0]) =>
    key.toCryptoKey(algorithm, false, ['sign']);
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return use({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' });
    case 'rsa-pss':
      return use({ name: 'RSA-PSS', hash: 'SHA-256' });
    case 'ec': {
      const namedCurve = curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
      if (!namedCurve) throw new Error('the private key is on a curve that no JWS algorithm has');
      return use({ name: 'ECDSA', namedCurve });
    }
    case 'ed25519':
      return use({ name: 'Ed25519' });
    default:
      throw new Error(`a private key of type ${key.asymmetricKeyType} cannot sign a JWT`);
  }
}
