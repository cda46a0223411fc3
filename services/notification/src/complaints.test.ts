import { describe } from 'vitest';
import { complaintsContract } from './complaints.contract.ts';
import { emptySqliteStores } from './testing/empty-stores.ts';

describe('on SQLite', () => complaintsContract(emptySqliteStores));
