import { loadKeyFile } from '@credential-renewal/runtime';
import { SessionKeyUnfitError } from '../errors.ts';

/** The key that seals cookies, made at the first start. Throws SessionKeyUnfitError. */
export function loadSessionKey(path: string): Promise<Uint8Array> {
  return loadKeyFile({ path, unfit: (problem) => new SessionKeyUnfitError(path, problem) });
}
