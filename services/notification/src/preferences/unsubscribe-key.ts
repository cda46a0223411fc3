import { loadKeyFile } from '@credential-renewal/runtime';
import { UnsubscribeKeyUnfitError } from '../errors.ts';

/** The key that signs the links of reminders, made at the first start. Throws UnsubscribeKeyUnfitError. */
export function loadUnsubscribeKey(path: string): Promise<Uint8Array> {
  const unfit = (problem: string) => new UnsubscribeKeyUnfitError(path, problem);
  return loadKeyFile({ path, unfit, makeDirectory: true });
}
