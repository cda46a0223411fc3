import { describe } from 'vitest';
import { emptyMongoStores, testServer } from '../testing/mongo-room.ts';
import { complaintsContract } from './complaints.contract.ts';

describe.skipIf(testServer === '')('on MongoDB', () => complaintsContract(emptyMongoStores));
