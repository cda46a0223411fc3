import { readFile } from 'node:fs/promises';

/** Reads a secret anew at each call, so that one who rotates it need not restart us. Rejects with the code of the failure alone. */
export type SecretFile = () => Promise<string>;

export function createSecretFile(path: string): SecretFile {
  return async () => {
    try {
      return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
    } catch (error) {
      throw new Error(`its file cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  };
}
