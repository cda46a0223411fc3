import { describe } from 'vitest';
import { handoverContract } from './handover.contract.ts';
import { emptySqliteStores } from './testing/empty-stores.ts';

describe('on SQLite', () => handoverContract(emptySqliteStores));
