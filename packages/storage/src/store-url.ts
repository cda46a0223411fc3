/** The file a `sqlite:` URL names: `sqlite:relative/path.db` or `sqlite:///absolute/path.db`. */
export function sqlitePath(url: URL): string {
  return decodeURIComponent(url.pathname);
}
