import type { Settings } from '@credential-renewal/runtime';

/** Where the key-encryption key is. */
export type KeyEncryptionKeySettings = { kind: 'file'; path: string } | TransitSettings;

/** A key of the Transit secrets engine of HashiCorp Vault or OpenBao. */
export type TransitSettings = {
  kind: 'transit';
  /** `https://vault.example:8200`, without a path. */
  origin: string;
  /** Where the engine is mounted: `transit`. */
  mount: string;
  keyName: string;
  /** Read at each request, so that an agent may renew what is in it. */
  tokenFile: string;
  namespace: string | undefined;
  /** PEM of the certificate authority; undefined: those that Node trusts. */
  caFile: string | undefined;
  timeoutMs: number;
};

export type KeySettings = {
  keyEncryptionKey: KeyEncryptionKeySettings;
  /** Opens what the key before it has wrapped, until a rotation has rewrapped it; wraps nothing. */
  previousKeyEncryptionKey: KeyEncryptionKeySettings | undefined;
};

const main = 'KEY_ENCRYPTION_KEY';
const previous = 'PREVIOUS_KEY_ENCRYPTION_KEY';
const form = 'file:<path> or transit+https://<host>/<mount>/<key>';

/**
 * Reads `KEY_ENCRYPTION_KEY_URL` (`file:/path`, `transit+https://host:8200/mount/key`) with `KEY_ENCRYPTION_KEY_TOKEN_FILE`, `_NAMESPACE`, `_CA_FILE` and
 * `_TIMEOUT_MS`, and the same with `PREVIOUS_` in front. `KEY_FILE=/path` is the older way to write `file:/path`.
 */
export function readKeySettings(settings: Settings): KeySettings {
  const keyFile = settings.optionalText('KEY_FILE');
  const url = settings.optionalText(`${main}_URL`);
  if (keyFile !== undefined && url !== undefined) {
    settings.problem(`KEY_FILE and ${main}_URL name the same thing; set one of them`);
  } else if (keyFile === undefined && url === undefined) {
    settings.problem(`${main}_URL must be set (or KEY_FILE): ${form}`);
  }
  const previousUrl = settings.optionalText(`${previous}_URL`);
  return {
    keyEncryptionKey:
      url === undefined ? { kind: 'file', path: keyFile ?? '' } : readOne(settings, main, url),
    previousKeyEncryptionKey:
      previousUrl === undefined ? undefined : readOne(settings, previous, previousUrl),
  };
}

function readOne(settings: Settings, prefix: string, url: string): KeyEncryptionKeySettings {
  if (url.startsWith('file:'))
    return { kind: 'file', path: readPath(settings, prefix, url.slice('file:'.length)) };
  if (/^transit\+https?:/.test(url)) return readTransit(settings, prefix, url);
  settings.problem(`${prefix}_URL must be ${form}`);
  return { kind: 'file', path: '' };
}

/** `path`, `/path` or `///path`; not by URL's own rules, which know no relative file. */
function readPath(settings: Settings, prefix: string, text: string): string {
  const path = text.replace(/^\/\/(?=\/)/, '');
  if (path === '') settings.problem(`${prefix}_URL names no file; write ${form}`);
  else if (path.startsWith('//')) settings.problem(`${prefix}_URL names a host; write ${form}`);
  try {
    return decodeURIComponent(path);
  } catch {
    settings.problem(`${prefix}_URL contains a % that is no escape; write it as %25`);
    return '';
  }
}

function readTransit(settings: Settings, prefix: string, text: string): TransitSettings {
  const plain = text.replace(/^transit\+/, '');
  const url = URL.canParse(plain) ? new URL(plain) : undefined;
  const segments = url?.pathname.split('/').filter((segment) => segment !== '') ?? [];
  if (!url || segments.length < 2) {
    settings.problem(`${prefix}_URL must name the mount and the key; write ${form}`);
  } else if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    settings.problem(
      `${prefix}_URL must have nothing but host, mount and key; a token belongs into ${prefix}_TOKEN_FILE`,
    );
  }
  const tokenFile = settings.optionalText(`${prefix}_TOKEN_FILE`);
  if (tokenFile === undefined) {
    settings.problem(`${prefix}_TOKEN_FILE must be set: the file with the token for the key`);
  } else {
    // Whether it can be read is told now; what is in it may change.
    settings.secretFile(`${prefix}_TOKEN_FILE`);
  }
  // An empty CA file trusts nobody, and its name is what the error would have to say.
  settings.secretFile(`${prefix}_CA_FILE`);
  return {
    kind: 'transit',
    origin: url?.origin ?? '',
    mount: segments.slice(0, -1).join('/'),
    keyName: segments.at(-1) ?? '',
    tokenFile: tokenFile ?? '',
    namespace: settings.optionalText(`${prefix}_NAMESPACE`),
    caFile: settings.optionalText(`${prefix}_CA_FILE`),
    timeoutMs: settings.integer(`${prefix}_TIMEOUT_MS`, 3_000, { min: 50, max: 30_000 }),
  };
}
