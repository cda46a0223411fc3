import { describe } from 'vitest';
import { emptyMongoStores, testServer } from '../testing/mongo-room.ts';
import { handoverContract } from './handover.contract.ts';

describe.skipIf(testServer === '')('on MongoDB', () => handoverContract(emptyMongoStores));
