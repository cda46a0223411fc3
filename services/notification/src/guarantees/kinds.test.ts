import { describe } from 'vitest';
import { emptySqliteStores } from '../testing/empty-stores.ts';
import { kindsContract } from './kinds.contract.ts';

describe('on SQLite', () => kindsContract(emptySqliteStores));
