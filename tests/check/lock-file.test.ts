import { expect, test } from 'vitest';
import { findLockProblems } from './lock-file.ts';

const whole = { version: '1.0.0', integrity: 'sha512-x' };

test('a whole lock file has no problem', () => {
  const packages = {
    '': {},
    'services/a': { version: '0.1.0' },
    'node_modules/a': { link: true, resolved: 'services/a' },
    'node_modules/tool': { ...whole, optionalDependencies: { 'tool-linux': '1.0.0' } },
    'node_modules/tool-linux': { ...whole, optional: true },
  };
  expect(findLockProblems({ packages })).toEqual([]);
});

test('a missing platform package, an address and a missing integrity are reported', () => {
  const packages = {
    'node_modules/tool': { ...whole, optionalDependencies: { 'tool-linux': '1.0.0' } },
    'node_modules/from-elsewhere': { ...whole, resolved: 'https://registry.example/x.tgz' },
    'node_modules/unsigned': { version: '1.0.0' },
  };
  expect(findLockProblems({ packages })).toHaveLength(3);
});
