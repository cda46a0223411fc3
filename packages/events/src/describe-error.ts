/** An error in one line, for a dead letter. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 500);
  const { code } = error as { code?: unknown };
  const name = typeof code === 'string' ? `${error.name} (${code})` : error.name;
  return `${name}: ${error.message}`.slice(0, 500);
}
