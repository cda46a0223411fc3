export type HoldReference = { providerId: string; clientId: string; sinceMs: number };

/** Says whose hold it is and since when, so that a command given again never decides a later one. A provider's id has no slash. */
export function holdId({ providerId, clientId, sinceMs }: HoldReference): string {
  return `${providerId}/${clientId}@${new Date(sinceMs).toISOString()}`;
}

/** Undefined: it is none. */
export function readHoldId(id: string): HoldReference | undefined {
  const [, providerId = '', clientId = '', since = ''] = /^([^/]+)\/(.+)@([^@]+)$/.exec(id) ?? [];
  const sinceMs = Date.parse(since);
  if (Number.isNaN(sinceMs)) return undefined;
  const reference = { providerId, clientId, sinceMs };
  return holdId(reference) === id ? reference : undefined;
}
