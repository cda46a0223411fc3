import { oneLine } from './one-line.ts';

export type MailAddress = { name: string; address: string };

// Deliberately narrower than RFC 5322: no quoted local part, comment, list or white space, which nobody's sign-in
// address has and through which headers are forged.
const plainAddress = /^[^\s<>()[\],;:\\"@\p{Cc}]+@[^\s<>()[\],;:\\"@\p{Cc}]+$/u;

export function isUsableAddress(address: string): boolean {
  return address.length <= 254 && plainAddress.test(address);
}

/** As in a From or To header (RFC 5322 section 3.4); a transport encodes what is not ASCII. */
export function formatAddress({ name, address }: MailAddress): string {
  const shown = oneLine(name);
  if (shown === '') return address;
  return /^[\p{L}\p{N} '-]+$/u.test(shown)
    ? `${shown} <${address}>`
    : `"${shown.replace(/["\\]/g, '\\$&')}" <${address}>`;
}

/** Reads `Name <address>` or `address`; undefined when it is neither. */
export function parseAddress(text: string): MailAddress | undefined {
  const match = /^"?([^"<>]*?)"?\s*<([^<>]+)>$/.exec(text);
  const name = match?.[1] ?? '';
  const address = match?.[2] ?? text;
  return isUsableAddress(address) && oneLine(name) === name ? { name, address } : undefined;
}
