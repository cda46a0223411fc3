import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeOf } from './catalogue-file.ts';
import type { ProviderFile } from './catalogue-schema.ts';
import type { ClientEntry } from './client-schema.ts';
import type { Problem } from './explain-schema-errors.ts';
import type { Layers } from './layers.ts';

export type ClientAuthentication = NonNullable<ClientEntry['authentication']>;

/** One registration of ours at a provider, with what its files hold. */
export type CatalogueClient = {
  name: string;
  id: string;
  /** Undefined: as the provider's metadata says. */
  authentication: ClientAuthentication | undefined;
  secret: string | undefined;
  signing:
    | { key: KeyObject; keyId: string | undefined; thumbprint: string | undefined }
    | undefined;
  values: Readonly<Record<string, string>>;
};

type Tell = (problem: Problem) => void;

/** Reads the clients of one provider, the default first. What cannot be read is told by file and key, never by content. */
export async function loadClients(
  { clients = {}, clientAuthentication }: ProviderFile,
  layers: Layers,
  tell: Tell,
): Promise<CatalogueClient[]> {
  const loaded: CatalogueClient[] = [];
  for (const [name, entry] of Object.entries(clients)) {
    const client = await loadClient(name, entry, clientAuthentication, layers, tell);
    const twin = loaded.find(({ id }) => id === client.id && id !== '');
    if (twin) {
      const text = `is the id of the client ${twin.name} too; a credential is known by it`;
      tell({ pointer: `/clients/${name}/${entry.id === undefined ? 'idFile' : 'id'}`, text });
    }
    loaded.push(client);
  }
  return loaded.sort((left, right) => rank(left) - rank(right));
}

function rank({ name }: CatalogueClient): number {
  return name === 'default' ? 0 : 1;
}

async function loadClient(
  name: string,
  entry: ClientEntry,
  defaultAuthentication: ClientAuthentication | undefined,
  layers: Layers,
  tell: Tell,
): Promise<CatalogueClient> {
  const at = (key: string) => `/clients/${name}/${key}`;
  const authentication = entry.authentication ?? defaultAuthentication;
  const read = async (key: 'idFile' | 'secretFile' | 'privateKeyFile' | 'certificateFile') => {
    const file = entry[key];
    if (file === undefined) return undefined;
    const path = resolve(layers.originOf(at(key)).directory, file);
    try {
      const content = (await readFile(path, 'utf8')).trim();
      if (content) return content;
      tell({ pointer: at(key), text: `${path} is empty` });
    } catch (cause) {
      tell({ pointer: at(key), text: `${path} cannot be read (${codeOf(cause)})` });
    }
    return undefined;
  };
  if ((entry.id === undefined) === (entry.idFile === undefined)) {
    tell({ pointer: at('id'), text: 'or idFile is needed, and not both' });
  }
  const needed = neededFile(authentication, entry);
  if (needed !== undefined && entry[needed] === undefined) {
    tell({
      pointer: at(needed),
      text: `is needed for ${authentication ?? 'a client that is not public'}`,
    });
  }
  return {
    name,
    id: entry.id ?? (await read('idFile')) ?? '',
    authentication,
    secret: await read('secretFile'),
    signing: readSigning(
      { key: await read('privateKeyFile'), certificate: await read('certificateFile') },
      entry.keyId,
      (key, text) => tell({ pointer: at(key), text }),
    ),
    values: entry.values ?? {},
  };
}

function neededFile(
  authentication: ClientAuthentication | undefined,
  { privateKeyFile }: ClientEntry,
): 'secretFile' | 'privateKeyFile' | undefined {
  switch (authentication) {
    case undefined:
      return privateKeyFile === undefined ? 'secretFile' : undefined;
    case 'client_secret_basic':
    case 'client_secret_post':
      return 'secretFile';
    case 'private_key_jwt':
      return 'privateKeyFile';
    case 'none':
      return undefined;
    default:
      return authentication satisfies never;
  }
}

function readSigning(
  files: { key: string | undefined; certificate: string | undefined },
  keyId: string | undefined,
  tell: (key: string, text: string) => void,
): CatalogueClient['signing'] {
  if (files.key === undefined) return undefined;
  try {
    const key = files.key.startsWith('{')
      ? createPrivateKey({ key: JSON.parse(files.key), format: 'jwk' })
      : createPrivateKey(files.key);
    return { key, keyId, thumbprint: thumbprintOf(files.certificate, key, tell) };
  } catch {
    tell('privateKeyFile', 'holds no private key as PKCS#8 PEM or JWK');
    return undefined;
  }
}

function thumbprintOf(
  certificate: string | undefined,
  key: KeyObject,
  tell: (key: string, text: string) => void,
): string | undefined {
  if (certificate === undefined) return undefined;
  try {
    const parsed = new X509Certificate(certificate);
    if (!parsed.checkPrivateKey(key))
      tell('certificateFile', 'is not the certificate of the private key');
    return Buffer.from(parsed.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
  } catch {
    tell('certificateFile', 'holds no certificate as PEM');
    return undefined;
  }
}
