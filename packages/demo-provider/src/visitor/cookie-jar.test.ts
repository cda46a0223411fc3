import { expect, test } from 'vitest';
import { createCookieJar } from './cookie-jar.ts';

const url = (path: string, host = 'localhost:3000') => new URL(`http://${host}${path}`);

function jarWith(...lines: string[]) {
  const jar = createCookieJar();
  const headers = new Headers();
  for (const line of lines) headers.append('set-cookie', line);
  jar.store(url('/'), headers);
  return jar;
}

test('a cookie goes to its host on any port, and to no other host', () => {
  const jar = jarWith('a=1; Path=/');
  expect(jar.header(url('/x', 'localhost:4000'))).toBe('a=1');
  expect(jar.header(url('/x', '127.0.0.1:3000'))).toBe('');
});

test('a path covers itself and what is below it, not its longer namesake', () => {
  const jar = jarWith('a=1; path=/orchard');
  expect(jar.header(url('/orchard'))).toBe('a=1');
  expect(jar.header(url('/orchard/x'))).toBe('a=1');
  expect(jar.header(url('/orchards'))).toBe('');
});

test('the longer path comes first and values keep their equals signs', () => {
  expect(jarWith('a=1; path=/', 'b=x=y; path=/in').header(url('/in'))).toBe('b=x=y; a=1');
});

test.each(['max-age=0', 'expires=Thu, 01 Jan 1970 00:00:00 GMT'])('%s deletes', (end) => {
  expect(jarWith('a=1; path=/', `a=; path=/; ${end}`).header(url('/'))).toBe('');
});

test('a copy starts with the same cookies, and what it gets later stays its own', () => {
  const jar = jarWith('a=1; path=/');
  const copy = jar.copy();
  copy.store(url('/'), new Headers({ 'set-cookie': 'b=2; path=/' }));
  expect([jar.header(url('/')), copy.header(url('/'))]).toEqual(['a=1', 'a=1; b=2']);
});
