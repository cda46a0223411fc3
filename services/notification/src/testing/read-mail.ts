/** A received mail, taken apart as far as tests look at it. */
export type ReadMail = {
  /** Unfolded, in their order; names in lower case, encoded words decoded. */
  headers: [name: string, value: string][];
  header(name: string): string | undefined;
  text: string;
  html: string;
  raw: Buffer;
};

/** Reads a mail as a receiver would: RFC 5322 headers, RFC 2047 words, one `multipart/alternative` of text and HTML (RFC 2046). */
export function readMail(raw: Buffer): ReadMail {
  const whole = splitEntity(raw.toString('latin1'));
  const parts = partsOf(whole);
  const part = (type: string) => decodeBody(parts.find((each) => typeOf(each).startsWith(type)));
  const headers = whole.headers.map(([name, value]): [string, string] => [
    name,
    /^(from|to|cc|bcc)$/.test(name) ? decodeAddresses(value) : decodeWords(value),
  ]);
  return {
    headers,
    header: (name) => headers.find(([each]) => each === name.toLowerCase())?.[1],
    text: part('text/plain'),
    html: part('text/html'),
    raw,
  };
}

/** Bytes are kept as letters of Latin-1 until a charset is known. */
type Entity = { headers: [string, string][]; body: string };

function splitEntity(text: string): Entity {
  const end = text.indexOf('\r\n\r\n');
  const headers = text
    .slice(0, end)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
  return { headers, body: text.slice(end + 4) };
}

function partsOf(entity: Entity): Entity[] {
  const [, boundary] = /boundary="?([^";]+)"?/.exec(typeOf(entity)) ?? [];
  if (boundary === undefined) return [entity];
  return entity.body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => splitEntity(part.replace(/^\r\n/, '').replace(/\r\n$/, '')))
    .flatMap(partsOf);
}

function find({ headers }: Entity, name: string): string | undefined {
  return headers.find(([each]) => each === name.toLowerCase())?.[1];
}

const typeOf = (entity: Entity) => find(entity, 'content-type') ?? '';

function decodeBody(part: Entity | undefined): string {
  if (!part) return '';
  const encoding = find(part, 'content-transfer-encoding')?.toLowerCase();
  const bytes =
    encoding === 'base64'
      ? Buffer.from(part.body, 'base64')
      : encoding === 'quoted-printable'
        ? decodeQuotedPrintable(part.body)
        : Buffer.from(part.body, 'latin1');
  // A line of a mail ends with both; what was handed over ended with LF.
  return bytes.toString('utf8').replace(/\r\n/g, '\n');
}

function decodeQuotedPrintable(text: string): Buffer {
  return Buffer.from(
    text
      .replace(/[ \t]+(?=\r\n)/g, '')
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    'latin1',
  );
}

/** RFC 2047 section 5: no word within a quoted string is an encoded one. */
function decodeAddresses(value: string): string {
  return value
    .split(/("(?:[^"\\]|\\.)*")/)
    .map((piece) => (piece.startsWith('"') ? piece : decodeWords(piece)))
    .join('');
}

function decodeWords(value: string): string {
  const bytes = value
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(/=\?utf-8\?([BQ])\?([^?]*)\?=/gi, (_, encoding: string, text: string) =>
      encoding.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString('latin1')
        : decodeQuotedPrintable(text.replaceAll('_', ' ')).toString('latin1'),
    );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
