import { describe } from 'vitest';
import { emptyMongoStores, testServer } from '../testing/mongo-room.ts';
import { kindsContract } from './kinds.contract.ts';

describe.skipIf(testServer === '')('on MongoDB', () => kindsContract(emptyMongoStores));
