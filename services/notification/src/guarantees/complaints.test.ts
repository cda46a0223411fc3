import { describe } from 'vitest';
import { emptySqliteStores } from '../testing/empty-stores.ts';
import { complaintsContract } from './complaints.contract.ts';

describe('on SQLite', () => complaintsContract(emptySqliteStores));
