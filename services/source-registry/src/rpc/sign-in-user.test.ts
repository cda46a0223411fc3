import { Role } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { expect, test } from 'vitest';
import { startRegistryHarness } from '../registry-harness.ts';

const person = {
  issuer: 'https://idp.example',
  subject: 'ada',
  accountKey: 'acme',
  accountName: 'Acme',
  name: 'Ada',
  email: 'ada@acme.example',
  role: Role.MEMBER,
};

test('a token without name and address erases neither', async () => {
  const registry = await startRegistryHarness();
  const { user: before } = await registry.rpc.signInUser(person);
  const { user } = await registry.rpc.signInUser({ ...person, name: '', email: '' });
  const { user: stranger } = await registry.rpc.signInUser({
    ...person,
    subject: 'max',
    name: '',
    email: '',
  });
  await registry.stop();
  expect(user).toEqual(before);
  expect(stranger).toMatchObject({ name: 'max', email: '' });
});
