import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aState } from '../rule-examples.ts';
import type { CredentialStateStore } from './credential-state-store.ts';
import type { OpenedRegistry } from './registry-stores.contract.ts';

/** What every engine of `CredentialStateStore` must keep; `open` gives an empty database. */
export function testCredentialStateStore(
  engine: string,
  open: () => Promise<OpenedRegistry>,
): void {
  describe(`${engine} credential state store`, () => {
    let opened: OpenedRegistry;
    let credentialStates: CredentialStateStore;
    beforeEach(async () => {
      opened = await open();
      credentialStates = opened.replica(0).credentialStates;
    });
    afterEach(() => opened.close());

    test('whatever order 50 states come in, the newest stays', async () => {
      const shuffled = Array.from({ length: 50 }, (_, index) => ((index * 37) % 50) + 1);
      await Promise.all(
        shuffled.map((version, index) =>
          opened.replica(index).credentialStates.remember(aState(version)),
        ),
      );
      expect(await credentialStates.find('credential')).toEqual(aState(50));
    });

    test('a version once remembered is not replaced by an older one, nor by itself', async () => {
      const newest = { ...aState(1), version: 2n ** 53n + 1n, clientId: 'newest' };
      await credentialStates.remember(newest);
      await credentialStates.remember({ ...newest, clientId: 'again' });
      await credentialStates.remember({ ...newest, version: 2n ** 53n, clientId: 'older' });
      await credentialStates.remember({ ...newest, version: 9n, clientId: 'oldest' });
      expect(await credentialStates.find('credential')).toEqual(newest);
    });

    test('a forgotten state is gone', async () => {
      await credentialStates.remember(aState(1));
      await credentialStates.forget('credential');
      await credentialStates.forget('credential');
      expect(await credentialStates.find('credential')).toBeUndefined();
      await credentialStates.remember(aState(1));
      expect(await credentialStates.find('credential')).toEqual(aState(1));
    });
  });
}
