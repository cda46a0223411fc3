import type { ProviderEntry } from './catalogue-schema.ts';

/** Parameters of an authorization request that are ours to set: a catalogue that could set them could switch off a defence. */
const reservedParameters = new Set([
  'client_id',
  'client_secret',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
]);

/** What the schema cannot say about one provider. */
export function checkProvider(entry: ProviderEntry): { pointer: string; text: string }[] {
  const problems: { pointer: string; text: string }[] = [];
  const tell = (pointer: string, text: string) => problems.push({ pointer, text });

  for (const name of Object.keys(entry.authorizationParameters ?? {})) {
    if (reservedParameters.has(name)) {
      tell(`/authorizationParameters/${name}`, 'is set by the broker and cannot be configured');
    }
  }
  if (entry.client.authentication !== 'none' && entry.client.secretFile === undefined) {
    tell('/client/secretFile', `is needed for ${entry.client.authentication}`);
  }
  for (const [pointer, url] of urlsOf(entry)) {
    if (!URL.canParse(url)) {
      tell(pointer, 'is not a URL');
    } else if (new URL(url).protocol === 'http:' && !isPrivateHostAllowed(entry, new URL(url))) {
      tell(pointer, 'must be https:, or its host must be listed in allowPrivateHosts');
    }
  }
  if (entry.endpoints && entry.identity.call === 'userinfo' && !entry.endpoints.userinfo) {
    tell('/identity/call', 'is userinfo, but endpoints.userinfo is not given');
  }
  return problems;
}

/** Whether an operator listed this host (`name:port`) as one that may be private. */
export function isPrivateHostAllowed(
  entry: Pick<ProviderEntry, 'allowPrivateHosts'>,
  url: URL,
): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return (entry.allowPrivateHosts ?? []).includes(`${url.hostname}:${port}`);
}

function urlsOf(entry: ProviderEntry): [pointer: string, url: string][] {
  const urls: [string, string][] = [['/issuer', entry.issuer]];
  for (const [name, url] of Object.entries(entry.endpoints ?? {})) {
    urls.push([`/endpoints/${name}`, url]);
  }
  if (entry.identity.call !== 'userinfo') urls.push(['/identity/call', entry.identity.call]);
  return urls;
}
