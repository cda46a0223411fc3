import { describe } from 'vitest';
import { emptyMongoStores, testServer } from '../testing/mongo-room.ts';
import { crashContract } from './crash.contract.ts';

describe.skipIf(testServer === '')('on MongoDB', () => crashContract(emptyMongoStores));
