import { describe } from 'vitest';
import { kindsContract } from './kinds.contract.ts';
import { emptySqliteStores } from './testing/empty-stores.ts';

describe('on SQLite', () => kindsContract(emptySqliteStores));
