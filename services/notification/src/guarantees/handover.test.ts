import { describe } from 'vitest';
import { emptySqliteStores } from '../testing/empty-stores.ts';
import { handoverContract } from './handover.contract.ts';

describe('on SQLite', () => handoverContract(emptySqliteStores));
