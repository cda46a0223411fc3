import { describe } from 'vitest';
import { emptyMongoStores, testServer } from '../testing/mongo-room.ts';
import { notificationStoresContract } from './notification-stores.contract.ts';

describe.skipIf(testServer === '')('MongoDB', () => {
  notificationStoresContract(emptyMongoStores);
});
