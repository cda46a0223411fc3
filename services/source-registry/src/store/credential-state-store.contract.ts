import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aState } from '../rule-examples.ts';
import type { CredentialStateStore } from './credential-state-store.ts';

/** What every engine of `CredentialStateStore` must keep; `open` gives an empty one. */
export function testCredentialStateStore(
  engine: string,
  open: () => Promise<{ credentialStates: CredentialStateStore; close(): Promise<void> }>,
): void {
  describe(`${engine} credential state store`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    test('whatever order 50 states come in, the newest stays', async () => {
      const { credentialStates } = opened;
      const shuffled = Array.from({ length: 50 }, (_, index) => ((index * 37) % 50) + 1);
      await Promise.all(shuffled.map((version) => credentialStates.remember(aState(version))));
      expect(await credentialStates.find('credential')).toEqual(aState(50));
    });

    test('a forgotten state is gone', async () => {
      const { credentialStates } = opened;
      await credentialStates.remember(aState(1));
      await credentialStates.forget('credential');
      expect(await credentialStates.find('credential')).toBeUndefined();
    });
  });
}
