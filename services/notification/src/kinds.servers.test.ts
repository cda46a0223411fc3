import { describe } from 'vitest';
import { kindsContract } from './kinds.contract.ts';
import { emptyMongoStores, testServer } from './testing/mongo-room.ts';

describe.skipIf(testServer === '')('on MongoDB', () => kindsContract(emptyMongoStores));
