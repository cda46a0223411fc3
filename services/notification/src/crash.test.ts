import { describe } from 'vitest';
import { crashContract } from './crash.contract.ts';
import { emptySqliteStores } from './testing/empty-stores.ts';

describe('on SQLite', () => crashContract(emptySqliteStores));
