import { createShiftableClock, DomainError } from '@credential-renewal/runtime';
import { expect, test } from 'vitest';
import { createCredentialTargets } from './credential-targets.ts';

const source = { $case: 'sourceId', value: 'reports' } as const;

function targets(answer: { credentialId?: string; error?: DomainError }) {
  const clock = createShiftableClock({ nowMs: () => 0 });
  let asked = 0;
  const registry = {
    async resolveCredential() {
      asked += 1;
      if (answer.error) throw answer.error;
      return { credentialId: answer.credentialId };
    },
  };
  return { clock, answer, asked: () => asked, ...createCredentialTargets({ registry, clock }) };
}

test('the registry is asked once a minute, and again after a change', async () => {
  const { resolve, dropSource, dropCredential, clock, asked } = targets({ credentialId: 'c' });
  expect(await resolve('acme', source)).toBe('c');
  expect(await resolve('acme', source)).toBe('c');
  expect(asked()).toBe(1);
  dropSource('reports');
  await resolve('acme', source);
  dropCredential('c');
  await resolve('acme', source);
  clock.advance(60_001);
  await resolve('acme', source);
  expect(asked()).toBe(4);
});

test('what one account knows serves no other', async () => {
  const { resolve, answer } = targets({ credentialId: 'c' });
  await resolve('acme', source);
  answer.error = new DomainError('not_found', 'SOURCE_NOT_FOUND', 'There is none.');
  await expect(resolve('globex', source)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
});

test('while the registry is away what was known serves on, and a deleted source does not', async () => {
  const { resolve, answer, clock } = targets({ credentialId: 'c' });
  await resolve('acme', source);
  clock.advance(3_600_000);
  answer.error = new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'It is down.');
  expect(await resolve('acme', source)).toBe('c');
  answer.error = new DomainError('not_found', 'SOURCE_NOT_FOUND', 'There is none.');
  await expect(resolve('acme', source)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  answer.error = new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'It is down.');
  await expect(resolve('acme', source)).rejects.toMatchObject({ kind: 'unavailable' });
});
