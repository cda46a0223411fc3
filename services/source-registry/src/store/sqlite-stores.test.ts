import { createLogger, systemClock } from '@credential-renewal/runtime';
import { openRegistryStores } from './open-registry-stores.ts';
import { testRegistryStores } from './registry-stores.contract.ts';

const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

testRegistryStores('SQLite', async () => {
  const stores = await openRegistryStores({ engine: 'sqlite', path: ':memory:' }, deps);
  return { replica: () => stores, close: stores.close };
});
