import { isLabel } from '@credential-renewal/rpc';
import type { ProviderFile } from './catalogue-schema.ts';
import { exampleOf, isHarmless, placeholdersOf } from './url-template.ts';

type Tell = (pointer: string, text: string) => void;

/** Everything about URLs, their placeholders and the values for those. */
export function checkUrls(file: ProviderFile, tell: Tell): void {
  if (!file.issuer && !file.endpoints) {
    tell('/endpoints', 'is missing, and so is an issuer they could be discovered from');
  }
  for (const [pointer, url] of urlsOf(file)) checkUrl(file, pointer, url, tell);
  checkVariables(file, tell);
}

function checkUrl(file: ProviderFile, pointer: string, template: string, tell: Tell): void {
  const example = exampleOf(template);
  if (!URL.canParse(example)) {
    tell(pointer, 'is not a URL');
    return;
  }
  const url = new URL(example);
  if (url.protocol === 'http:' && !isPrivateHostAllowed(file, url)) {
    tell(pointer, 'must be https:, or its host must be listed in allowPrivateHosts');
  }
  if (url.username || url.password) tell(pointer, 'must not contain a user or a password');
  for (const name of placeholdersOf(template)) {
    if (!file.variables?.[name])
      tell(pointer, `has the placeholder {${name}}, which is not under variables`);
    if (!new RegExp(`^https?://[^?#]*\\{${name}\\}`).test(template)) {
      tell(
        pointer,
        `has the placeholder {${name}} where no value may stand; only host and path may vary`,
      );
    }
  }
  if (/[{}]/.test(example)) tell(pointer, 'has a brace that belongs to no placeholder');
}

function checkVariables(file: ProviderFile, tell: Tell): void {
  const used = new Set(urlsOf(file).flatMap(([, url]) => placeholdersOf(url)));
  for (const [name, variable] of Object.entries(file.variables ?? {})) {
    const pointer = `/variables/${name}`;
    if (!used.has(name)) tell(pointer, 'is in no URL');
    const pattern = patternOf(variable.pattern);
    if (!pattern) {
      tell(`${pointer}/pattern`, 'is not a regular expression');
      continue;
    }
    if (variable.default !== undefined) check(`${pointer}/default`, variable.default, pattern);
    checkAsked(file, name, pattern, tell);
  }
  for (const [pointer, values] of valuesOf(file)) {
    for (const [name, value] of Object.entries(values ?? {})) {
      const variable = file.variables?.[name];
      if (!variable) tell(`${pointer}/${name}`, 'is not under variables');
      else check(`${pointer}/${name}`, value, patternOf(variable.pattern));
    }
  }
  function check(pointer: string, value: string, pattern: RegExp | undefined): void {
    if (pattern && !pattern.test(value)) tell(pointer, `does not match ${pattern.source}`);
    else if (!isHarmless(value)) tell(pointer, 'may hold letters, digits, dots and hyphens only');
  }
}

/** What somebody could write to leave the host that the template means. */
const escapes = (label: string) => [
  ...[`${label}.x`, `x.${label}`, `${label}/x`, `${label}\\x`, `x@${label}`, `x:x@${label}`],
  ...[`${label}:1`, `${label}?x`, `${label}#x`, `${label}%2ex`, `${label} `, `${label}\n`, '.', ''],
];

/** A person gives it, so it must not choose the host: one label, below a domain that is fixed. */
function checkAsked(file: ProviderFile, name: string, pattern: RegExp, tell: Tell): void {
  const { ask, default: byDefault } = file.variables?.[name] ?? {};
  if (!ask) return;
  const pointer = `/variables/${name}`;
  if (byDefault !== undefined) tell(`${pointer}/ask`, 'is never asked, since there is a default');
  if (!pattern.test(ask.example) || !isLabel(ask.example)) {
    tell(`${pointer}/ask/example`, `is no label of a host name that matches ${pattern.source}`);
  }
  const wayOut = escapes(ask.example).find((value) => pattern.test(value));
  if (wayOut !== undefined) {
    const text = `lets a person give ${JSON.stringify(wayOut)}; it must allow letters, digits and hyphens only`;
    tell(`${pointer}/pattern`, text);
  }
  for (const [at, url] of urlsOf(file)) {
    const [, host = ''] = /^https?:\/\/([^/?#]*)/.exec(url) ?? [];
    if (host.includes(`{${name}}`) && !/^\{\w+\}(\.[a-z0-9-]+){2,}(:\d+)?$/.test(host)) {
      tell(at, `lets a person choose the host: {${name}} must stand before a fixed domain`);
    }
  }
}

function valuesOf(
  file: ProviderFile,
): [pointer: string, values: Record<string, string> | undefined][] {
  return [
    ...Object.entries(file.clients ?? {}).map(
      ([name, { values }]) => [`/clients/${name}/values`, values] as [string, typeof values],
    ),
    ...Object.entries(file.accounts ?? {}).map(
      ([id, { values }]) => [`/accounts/${id}/values`, values] as [string, typeof values],
    ),
  ];
}

function patternOf(source: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    return undefined;
  }
}

/** Whether an operator listed this host (`name:port`) as one that may be private. */
export function isPrivateHostAllowed(
  entry: Pick<ProviderFile, 'allowPrivateHosts'>,
  url: URL,
): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return (entry.allowPrivateHosts ?? []).includes(`${url.hostname}:${port}`);
}

function urlsOf(file: ProviderFile): [pointer: string, url: string][] {
  const urls: [string, string | undefined][] = [
    ['/issuer', file.issuer],
    ...Object.entries(file.endpoints ?? {}).map(
      ([name, url]) => [`/endpoints/${name}`, url] as [string, string],
    ),
    ['/identity/call', file.identity?.call],
    ...Object.entries(file.connectors ?? {}).map(
      ([id, { identity }]) =>
        [`/connectors/${id}/identity/call`, identity?.call] as [string, string | undefined],
    ),
  ];
  return urls.filter((found): found is [string, string] => {
    const [, url] = found;
    return url !== undefined && url !== 'userinfo';
  });
}
