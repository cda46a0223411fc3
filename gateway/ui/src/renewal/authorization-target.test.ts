import { expect, test } from 'vitest';
import { authorizationTarget } from './authorization-target.ts';

const origin = 'http://localhost:3000';

test('the browser is sent to web addresses only', () => {
  expect(authorizationTarget('http://localhost:3000/authorize/a1', origin)).toBe(
    'http://localhost:3000/authorize/a1',
  );
  expect(authorizationTarget('/authorize/a1', origin)).toBe('http://localhost:3000/authorize/a1');
  expect(authorizationTarget('javascript:alert(1)', origin)).toBe(undefined);
  expect(authorizationTarget('http://', origin)).toBe(undefined);
});
