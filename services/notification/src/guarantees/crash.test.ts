import { describe } from 'vitest';
import { emptySqliteStores } from '../testing/empty-stores.ts';
import { crashContract } from './crash.contract.ts';

describe('on SQLite', () => crashContract(emptySqliteStores));
