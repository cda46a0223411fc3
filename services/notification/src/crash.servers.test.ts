import { describe } from 'vitest';
import { crashContract } from './crash.contract.ts';
import { emptyMongoStores, testServer } from './testing/mongo-room.ts';

describe.skipIf(testServer === '')('on MongoDB', () => crashContract(emptyMongoStores));
