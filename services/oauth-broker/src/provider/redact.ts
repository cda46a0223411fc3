const longest = 500;

/**
 * A provider's words as they may stand in an event, a log line or on a page: one line, at most 500 characters, without the
 * secrets that were sent, without anything that looks like a token, and without e-mail addresses.
 */
export function redact(text: string, secrets: readonly (string | undefined)[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret) clean = clean.replaceAll(secret, '[redacted]');
  }
  return clean
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[^\s@<>"'(]+@[^\s@<>"')]+/g, '[redacted]')
    .replace(/[\w~+/=.-]{32,}/g, '[redacted]')
    .trim()
    .slice(0, longest);
}

/** An error code fit for evidence; what does not look like a code is not repeated. */
export function cleanErrorCode(code: string): string {
  return /^[\w.:/-]{1,64}$/.test(code) ? code : 'unreadable_error';
}
