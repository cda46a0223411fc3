import { readFileSync } from 'node:fs';

/** The configuration cannot be used; the message names every wrong variable, a line each. */
export class ConfigurationInvalidError extends Error {
  readonly code = 'CONFIGURATION_INVALID';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The configuration is not usable:\n${problems.map((p) => `  ${p}`).join('\n')}`);
    this.name = 'ConfigurationInvalidError';
    this.problems = problems;
  }
}

export type Settings = {
  /** Without a default the variable is required. */
  text(name: string, fallback?: string): string;
  optionalText(name: string): string | undefined;
  integer(name: string, fallback: number, range?: { min?: number; max?: number }): number;
  port(name: string, fallback: number): number;
  flag(name: string, fallback: boolean): boolean;
  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T;
  /** An absolute URL with one of these schemes (without colon). */
  url(name: string, schemes: readonly string[], fallback?: string): URL;
  /** Text that begins with one of these schemes (without colon). Unlike a URL it may name several hosts; its reader says what else is wrong. */
  connectionString(name: string, schemes: readonly string[]): string;
  /** What stands in the file that the variable names, without the line end; undefined where it is not set. */
  secretFile(name: string): string | undefined;
  /** Adds a problem that only the caller can see. */
  problem(text: string): void;
};

/**
 * Reads environment variables into a typed object: `readSettings(process.env, (s) => ({ port: s.port('PORT', 3000) }))`.
 * Every wrong variable is reported at once, by name, never with its value (it may be a secret).
 */
export function readSettings<T>(
  env: Record<string, string | undefined>,
  read: (settings: Settings) => T,
): T {
  const problems: string[] = [];
  let result: T | undefined;
  try {
    result = read(createSettings(env, problems));
  } catch (error) {
    // With problems, `read` may only have stumbled over the stand-in for a value that is wrong.
    if (problems.length === 0) throw error;
  }
  if (problems.length > 0) throw new ConfigurationInvalidError(problems);
  return result as T;
}

function createSettings(env: Record<string, string | undefined>, problems: string[]): Settings {
  const value = (name: string) => env[name]?.trim() || undefined;

  const settings: Settings = {
    text(name, fallback) {
      const text = value(name) ?? fallback;
      if (text === undefined) problems.push(`${name} must be set`);
      return text ?? '';
    },
    optionalText: value,
    integer(name, fallback, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
      const text = value(name);
      if (text === undefined) return fallback;
      const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
      if (Number.isSafeInteger(number) && number >= min && number <= max) return number;
      problems.push(`${name} must be a whole number from ${min} to ${max}`);
      return fallback;
    },
    port: (name, fallback) => settings.integer(name, fallback, { min: 0, max: 65_535 }),
    flag: (name, fallback) =>
      settings.oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true',
    oneOf(name, allowed, fallback) {
      const text = value(name);
      if (text === undefined) return fallback;
      const found = allowed.find((candidate) => candidate === text);
      if (found === undefined) problems.push(`${name} must be one of ${allowed.join(', ')}`);
      return found ?? fallback;
    },
    url(name, schemes, fallback) {
      const text = settings.text(name, fallback);
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url && schemes.includes(url.protocol.slice(0, -1))) return url;
      if (text) problems.push(schemeProblem(name, schemes));
      return new URL('invalid:');
    },
    connectionString(name, schemes) {
      const text = settings.text(name);
      if (text && !schemes.some((scheme) => text.startsWith(`${scheme}:`)))
        problems.push(schemeProblem(name, schemes));
      return text;
    },
    secretFile(name) {
      const path = value(name);
      if (path === undefined) return undefined;
      try {
        const secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
        if (secret === '') problems.push(`${name} names an empty file`);
        return secret;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        problems.push(`${name} names a file that cannot be read (${code})`);
        return undefined;
      }
    },
    problem: (text) => {
      problems.push(text);
    },
  };
  return settings;
}

function schemeProblem(name: string, schemes: readonly string[]): string {
  return `${name} must be a URL that begins with ${schemes.map((s) => `${s}:`).join(' or ')}`;
}
