/**
 * A fresh W3C Trace Context header (level 1, section 3.2), sampled, so that one click can be followed through the logs.
 * The specification forbids ids of zeros only; random bytes of this length do not produce them.
 */
export function traceParent(randomBytes: (length: number) => Uint8Array): string {
  return `00-${hex(randomBytes(16))}-${hex(randomBytes(8))}-01`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
