/** As kafkajs gives it: a header that stands more than once is an array, and a client may write no value at all. */
export type HeaderValue = Buffer | string | null | undefined | (Buffer | string | null)[];

export type IncomingMessage = {
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers?: Record<string, HeaderValue>;
};

export type OutgoingMessage = {
  key: Buffer | string | null;
  value: Buffer | string | null;
  headers: Record<string, Buffer | string | (Buffer | string)[]>;
  partition: number;
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined: absent, or not UTF-8. */
export function textOf(bytes: Buffer | string | null | undefined): string | undefined {
  if (bytes === null || bytes === undefined) return undefined;
  if (typeof bytes === 'string') return bytes;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** One for each time that the header stands in the message. */
export function valuesOf(value: HeaderValue): (Buffer | string | null)[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.filter(isHeaderValue) : [value];
}

/**
 * Headers as kafkajs 2.2.4 can write them again. It cannot write a header without a value (a length of null), so that one becomes empty;
 * and reading a header named like a member of Object (`constructor`), it puts that member before the value.
 */
export function rawHeaders(headers: IncomingMessage['headers']): OutgoingMessage['headers'] {
  const entries = Object.entries(headers ?? {}).map(([name, value]) => {
    const written = valuesOf(value).map((one) => one ?? '');
    return [name, written.length === 1 ? (written[0] ?? '') : written] as const;
  });
  return Object.fromEntries(entries);
}

function isHeaderValue(value: unknown): value is Buffer | string | null {
  return value === null || typeof value === 'string' || Buffer.isBuffer(value);
}
