import type { KeyObject, webcrypto } from 'node:crypto';
import * as oauth from 'openid-client';
import type { CatalogueClient, ClientAuthentication } from '../catalogue/load-client.ts';

/** How our client shows the provider that it is ours (RFC 6749 section 2.3, RFC 7523). */
export async function clientAuthentication(
  client: CatalogueClient,
  metadata: oauth.ServerMetadata,
): Promise<oauth.ClientAuth> {
  const { secret, signing } = client;
  const authentication = client.authentication ?? discovered(client, metadata);
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

/** Without a word of the provider it is `client_secret_basic` (OpenID Connect Discovery section 3). */
function discovered(
  { signing }: CatalogueClient,
  { token_endpoint_auth_methods_supported: supported }: oauth.ServerMetadata,
): ClientAuthentication {
  if (signing) return 'private_key_jwt';
  if (!supported || supported.includes('client_secret_basic')) return 'client_secret_basic';
  return supported.includes('client_secret_post') ? 'client_secret_post' : 'client_secret_basic';
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
