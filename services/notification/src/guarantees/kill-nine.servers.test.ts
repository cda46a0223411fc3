import { describe, onTestFinished } from 'vitest';
import { makeDatabase, testServer } from '../testing/mongo-room.ts';
import { killNineContract } from './kill-nine.contract.ts';

describe.skipIf(testServer === '')('on MongoDB', () =>
  killNineContract(async () => {
    const { settings, dispose } = await makeDatabase();
    onTestFinished(dispose);
    return settings;
  }),
);
