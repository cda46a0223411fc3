import { KeyMismatchError, KeyMissingError } from '../errors.ts';
import type { KeyEncryptionKey } from './key-encryption-key.ts';
import type { KeyEncryptionKeySettings, KeySettings } from './key-settings.ts';
import { createLocalKeyEncryptionKey } from './local-key-encryption-key.ts';
import { createTransitKeyEncryptionKey } from './transit-key-encryption-key.ts';

/** The key-encryption key of the settings; with the one before it, if there is one, to open what that has wrapped. */
export function openKeyEncryptionKey(settings: KeySettings): KeyEncryptionKey {
  const newest = openOne(settings.keyEncryptionKey);
  if (!settings.previousKeyEncryptionKey) return newest;
  return withPrevious(newest, openOne(settings.previousKeyEncryptionKey));
}

/** Another kind of key service is another case here. */
function openOne(settings: KeyEncryptionKeySettings): KeyEncryptionKey {
  switch (settings.kind) {
    case 'file':
      return createLocalKeyEncryptionKey(settings.path);
    case 'transit':
      return createTransitKeyEncryptionKey(settings);
    default:
      return settings satisfies never;
  }
}

function withPrevious(newest: KeyEncryptionKey, previous: KeyEncryptionKey): KeyEncryptionKey {
  return {
    ...newest,
    async unwrap(wrapped, context) {
      try {
        return await newest.unwrap(wrapped, context);
      } catch (error) {
        if (!(error instanceof KeyMismatchError || error instanceof KeyMissingError)) throw error;
        return await previous.unwrap(wrapped, context).catch((other: unknown) => {
          // Neither opens it: what is wrong with the newest is the news, unless the previous one could not even be asked.
          const asked = other instanceof KeyMismatchError || other instanceof KeyMissingError;
          throw asked ? error : other;
        });
      }
    },
  };
}
