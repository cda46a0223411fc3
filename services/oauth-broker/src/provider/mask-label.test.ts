import { expect, test } from 'vitest';
import { maskLabel } from './mask-label.ts';

test.each([
  ['ada@acme.example', 'a•••@acme.example'],
  ['a@b', 'a•••@b'],
  ['Acme Ltd', 'Ac••• Ltd'],
  ['Acme workspace', 'Ac••• workspace'],
  ['Acme', 'Ac•••'],
  ['Ada Lovett', 'A••• Lo•••'],
  ['Al', 'A•••'],
  ['@handle', '@h•••'],
  ['Ünal GmbH', 'Ün••• GmbH'],
  ['12345678', '12•••'],
  ['', '•••'],
])('%s', (label, masked) => {
  expect(maskLabel(label)).toBe(masked);
});
