import { createLogger, systemClock } from '@credential-renewal/runtime';
import { describe } from 'vitest';
import { makeDatabase, testServer } from '../testing/mongo-room.ts';
import { notificationStoresContract } from './notification-stores.contract.ts';
import { openNotificationStores } from './open-notification-stores.ts';

const deps = { clock: systemClock, logger: createLogger({ service: 'test', level: 'silent' }) };

describe.skipIf(testServer === '')('MongoDB', () => {
  notificationStoresContract(async () => {
    const { settings, dispose } = await makeDatabase();
    return { open: () => openNotificationStores(settings, deps), dispose };
  });
});
