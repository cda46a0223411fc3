import { expect, test } from 'vitest';
import { signInUrl } from './sign-in.ts';

test('sign-in leads back to the same page with its query', () => {
  const url = new URL(signInUrl('/workspaces/w1?source=s1&x=a b'), 'http://localhost');
  expect(url.pathname).toBe('/sign-in');
  expect(url.searchParams.get('returnTo')).toBe('/workspaces/w1?source=s1&x=a b');
});
