import { UrlPathInvalidError } from './errors.ts';

/**
 * The path a URL of an embedded engine names: `sqlite:relative/path.db`, `sqlite:/absolute/path.db` or
 * `sqlite:///absolute/path.db`. Throws UrlPathInvalidError when there is none, or when a part of the URL would be lost.
 */
export function localPath(url: URL): string {
  const form = `${url.protocol}<path> or ${url.protocol}///<absolute path>`;
  if (url.host !== '') throw new UrlPathInvalidError(`names a host; write ${form}`);
  if (url.search !== '' || url.hash !== '')
    throw new UrlPathInvalidError('contains ? or #; write them as %3F and %23');
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    throw new UrlPathInvalidError('contains a % that is no escape; write it as %25');
  }
  if (path === '' || path.includes('\0'))
    throw new UrlPathInvalidError(`names no file or directory; write ${form}`);
  return path;
}

/** The file a `sqlite:` URL names. */
export function sqlitePath(url: URL): string {
  const path = localPath(url);
  if (path.endsWith('/')) throw new UrlPathInvalidError('names a directory, not a file');
  return path;
}
