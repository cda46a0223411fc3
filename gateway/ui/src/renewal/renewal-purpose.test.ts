import { expect, test } from 'vitest';
import { purposeOf } from './renewal-purpose.ts';

test.each([
  [{ renewal: true, upgradeScopes: [] }, 'renew'],
  [{ renewal: true, upgradeScopes: ['files.comment'] }, 'grant'],
  [{ renewal: false, upgradeScopes: [] }, 'finish'],
] as const)('trying %j again is for: %s', (outcome, purpose) => {
  expect(purposeOf({ ...outcome, upgradeScopes: [...outcome.upgradeScopes] })).toBe(purpose);
});
