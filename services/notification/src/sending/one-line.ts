/**
 * A name on one visible line: control characters, line and paragraph separators and the characters that reorder text
 * become spaces, and length is bounded. What passes here cannot begin a header (RFC 5322 section 2.2) or hide text.
 */
export function oneLine(text: string, maxLength = 200): string {
  const flat = text
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const letters = [...flat];
  return letters.length <= maxLength ? flat : `${letters.slice(0, maxLength - 1).join('')}…`;
}
