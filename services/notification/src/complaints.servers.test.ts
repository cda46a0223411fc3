import { describe } from 'vitest';
import { complaintsContract } from './complaints.contract.ts';
import { emptyMongoStores, testServer } from './testing/mongo-room.ts';

describe.skipIf(testServer === '')('on MongoDB', () => complaintsContract(emptyMongoStores));
