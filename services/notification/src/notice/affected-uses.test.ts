import { Recipient_Why } from '@credential-renewal/proto/source_registry/v1/source_registry';
import { expect, test } from 'vitest';
import { ann, connectionUse, describe, sourceUse } from '../testing/fixtures.ts';
import {
  usesByAdministrator,
  usesByRecipient,
  usesForAccountAdministrators,
} from './affected-uses.ts';

const owner = { userId: 'user-olga', name: 'Olga', email: 'o@x.example', why: Recipient_Why.OWNER };
const keeper = { userId: 'user-kim', name: 'Kim', email: 'k@x.example', why: Recipient_Why.SHARED };

test('the keepers of a connection are told of the connection, with the sources it backs by name', () => {
  const told = usesByRecipient(
    describe(
      sourceUse('backed-1', [owner, keeper]),
      connectionUse('connection-1', [owner, keeper]),
      sourceUse('backed-2', []),
    ),
  );
  expect(told.map(({ recipient }) => recipient.userId)).toEqual(['user-olga', 'user-kim']);
  for (const { uses, dependentSources } of told) {
    expect(uses.map(({ id }) => id)).toEqual(['connection-1']);
    expect(dependentSources).toEqual(['Name of backed-1', 'Name of backed-2']);
  }
  expect(told[1]?.uses[0]?.why).toBe('shared');
});

test('who has a source of their own on the credential of a connection is told of it, and of nobody else’s', () => {
  const told = usesByRecipient(
    describe(
      connectionUse('connection-1', [owner]),
      sourceUse('own', [ann]),
      sourceUse('b', [owner]),
    ),
  );
  const toAnn = told.find(({ recipient }) => recipient.userId === 'user-ann');
  expect(toAnn?.uses.map(({ id }) => id)).toEqual(['own']);
  expect(toAnn?.dependentSources).toEqual([]);
});

test('the sources of a connection whose owner has left are told with the connection to who stands in', () => {
  const standIn = { ...ann, why: Recipient_Why.CREATOR_LEFT };
  const told = usesByRecipient(
    describe(sourceUse('backed', [standIn]), connectionUse('connection-1', [standIn])),
  );
  expect(told).toHaveLength(1);
  expect(told[0]?.uses.map(({ id, why }) => [id, why])).toEqual([['connection-1', 'creator_left']]);
  expect(told[0]?.dependentSources).toEqual(['Name of backed']);
});

test('nobody is told where the registry names nobody', () => {
  expect(usesByRecipient(describe(sourceUse('one', [])))).toEqual([]);
});

test('names reach the notification on one line', () => {
  const told = usesByRecipient(
    describe(sourceUse('one', [{ ...ann, name: 'Ann\r\nBcc: eve@x.example' }])),
  );
  expect(told[0]?.recipient.name).toBe('Ann Bcc: eve@x.example');
});

const root = {
  ...{ userId: 'user-root', name: 'Root', email: 'root@x.example' },
  why: Recipient_Why.ADMINISTRATOR,
};

test('an administrator is told of what was meant only, and of everything where that is gone', () => {
  const described = describe(
    sourceUse('one', [ann], { administrators: [root] }),
    sourceUse('two', [ann], { administrators: [root] }),
    sourceUse('three', [ann]),
  );
  const ids = (only: string) =>
    usesByAdministrator(described, new Set([only])).map(({ recipient, uses }) => [
      recipient.userId,
      uses.map(({ id, why }) => `${id} ${why}`),
    ]);
  expect(ids('two')).toEqual([['user-root', ['two administrator']]]);
  expect(ids('three')).toEqual([]);
  expect(ids('gone')).toEqual([['user-root', ['one administrator', 'two administrator']]]);
});

test('the administrators of the account are told of everything that uses the credential', () => {
  const described = {
    ...describe(sourceUse('one'), connectionUse('two', [ann])),
    administrators: [root],
  };
  const [told, ...others] = usesForAccountAdministrators(described);
  expect(others).toEqual([]);
  expect(told?.recipient).toEqual({ userId: 'user-root', name: 'Root', email: 'root@x.example' });
  expect(told?.uses.map(({ id }) => id)).toEqual(['one', 'two']);
});
