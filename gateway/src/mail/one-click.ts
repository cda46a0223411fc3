/**
 * Whether a body says `List-Unsubscribe=One-Click` (RFC 8058 section 3.2), as either kind of form. Nothing else may unsubscribe anybody: a
 * scanner that posts whatever it finds does not say this.
 */
export function saysOneClick(contentType: string | undefined, body: unknown): boolean {
  if (typeof body !== 'string' || contentType === undefined) return false;
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded')
    return new URLSearchParams(body).get('List-Unsubscribe') === 'One-Click';
  // One field of a known form, so no parser of forms with files: its headers, an empty line, its value.
  if (type === 'multipart/form-data')
    return /name="?List-Unsubscribe"?(?:;[^\r\n]*)?\r?\n(?:[^\r\n]+\r?\n)*\r?\nOne-Click\r?\n/i.test(
      body,
    );
  return false;
}
