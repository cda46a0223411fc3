import { describe } from 'vitest';
import { handoverContract } from './handover.contract.ts';
import { emptyMongoStores, testServer } from './testing/mongo-room.ts';

describe.skipIf(testServer === '')('on MongoDB', () => handoverContract(emptyMongoStores));
