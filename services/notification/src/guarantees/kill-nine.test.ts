import { join } from 'node:path';
import { describe } from 'vitest';
import { temporaryDirectory } from '../testing/start-room.ts';
import { killNineContract } from './kill-nine.contract.ts';

describe('on SQLite', () =>
  killNineContract(async () => ({
    engine: 'sqlite',
    path: join(temporaryDirectory(), 'notification.db'),
  })));
