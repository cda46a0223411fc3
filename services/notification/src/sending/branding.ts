import { readFileSync } from 'node:fs';
import type { Settings } from '@credential-renewal/runtime';
import { parse } from 'yaml';
import { type MailAddress, parseAddress } from './mail-address.ts';
import { oneLine } from './one-line.ts';
import { publicUrlProblem } from './public-url.ts';

/** What an account's mails have of its own; what is absent is as for everybody. */
export type Branding = { productName?: string; from?: MailAddress; publicUrl?: URL };
export type BrandingByAccount = ReadonlyMap<string, Branding>;

const keys = ['productName', 'from', 'publicUrl'];

/** Reads the file (JSON or YAML: an object by account id) that `BRANDING_FILE` names. What is wrong is told with its key. */
export function readBranding(settings: Settings): BrandingByAccount {
  const path = settings.optionalText('BRANDING_FILE');
  if (path === undefined) return new Map();
  const problem = (text: string) => settings.problem(`BRANDING_FILE: ${text}`);
  const accounts = readObject(path, problem);
  return new Map(
    Object.entries(accounts ?? {}).map(([account, value]) => [
      account,
      readAccount(value, (key, text) => problem(`${account}.${key} ${text}`)),
    ]),
  );
}

function readObject(path: string, problem: (text: string) => void) {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    problem(`the file cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
  try {
    const content: unknown = parse(text);
    if (isObject(content)) return content;
  } catch {
    // Told below: the parser's words may have some of the file in them.
  }
  problem('the file must hold an object by account id, in JSON or YAML');
  return undefined;
}

function readAccount(value: unknown, problem: (key: string, text: string) => void): Branding {
  if (!isObject(value)) {
    problem('*', 'must be an object');
    return {};
  }
  const branding: Branding = {};
  for (const [key, text] of Object.entries(value)) {
    if (!keys.includes(key)) problem(key, `is not known; known are ${keys.join(', ')}`);
    else if (typeof text !== 'string') problem(key, 'must be text');
    else readKey(branding, key, text, (told) => problem(key, told));
  }
  return branding;
}

function readKey(
  branding: Branding,
  key: string,
  text: string,
  problem: (text: string) => void,
): void {
  if (key === 'productName') {
    if (text === '' || oneLine(text) !== text) problem('must be one line of text');
    branding.productName = text;
  } else if (key === 'from') {
    branding.from = parseAddress(text);
    if (!branding.from) problem('must be an address, or a name and <address>');
  } else {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const told = url ? publicUrlProblem(url) : 'must be a URL';
    if (told) problem(told);
    branding.publicUrl = url;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
