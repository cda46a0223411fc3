import { ReturnTargetInvalidError } from '../errors.ts';

export type ReturnTargets = {
  /** The target as it may be stored: a path of ours, or an absolute URL of an allowed origin. Throws ReturnTargetInvalidError. */
  check(returnTo: string): string;
};

/**
 * Where a browser may be sent back to (RFC 9700 section 4.11: no open redirector). A path must begin with one slash; a
 * backslash or control character is refused outright, since browsers read `/\host` and `/<tab>/host` as another host.
 */
export function createReturnTargets(options: {
  publicUrl: URL;
  allowedOrigins: readonly string[];
}): ReturnTargets {
  const origins = new Set([options.publicUrl.origin, ...options.allowedOrigins]);

  function isAllowed(returnTo: string): boolean {
    if (returnTo.length > 2000 || returnTo.includes('\\') || hasControlCharacter(returnTo))
      return false;
    if (returnTo.startsWith('/'))
      return (
        !returnTo.startsWith('//') &&
        URL.canParse(returnTo, options.publicUrl.href) &&
        new URL(returnTo, options.publicUrl).origin === options.publicUrl.origin
      );
    if (!URL.canParse(returnTo)) return false;
    const url = new URL(returnTo);
    return origins.has(url.origin) && url.username === '' && url.password === '';
  }

  return {
    check(returnTo) {
      if (!isAllowed(returnTo)) throw new ReturnTargetInvalidError();
      return returnTo;
    },
  };
}

/** Adds a query parameter to a checked return target, which stays relative if it was. */
export function withParameter(
  returnTo: string,
  name: string,
  value: string,
  publicUrl: URL,
): string {
  const url = new URL(returnTo, publicUrl);
  url.searchParams.set(name, value);
  return returnTo.startsWith('/') ? `${url.pathname}${url.search}${url.hash}` : url.href;
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character <= '\u001f' || character === '\u007f');
}
