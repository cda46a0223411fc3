import { ConfigurationInvalidError } from '@credential-renewal/runtime';

/** A whole number from 1 on, given as an option of a command. */
export function readPositive(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ConfigurationInvalidError([`${option} must be a whole number from 1 on`]);
}
