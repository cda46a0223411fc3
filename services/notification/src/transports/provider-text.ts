import { oneLine } from '../sending/one-line.ts';

/**
 * What a mail server or provider said, fit for a log and for an administrator's page: one line, at most 300 letters, and without
 * the addresses that such texts like to repeat (`<ann@example.com>: user unknown`).
 */
export function providerText(text: string): string {
  return oneLine(text.replace(/[^\s<>"'()[\],;:]+@[^\s<>"'()[\],;:]+/g, '(address)'), 300);
}
