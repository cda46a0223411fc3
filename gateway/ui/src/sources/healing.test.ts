import { expect, test } from 'vitest';
import { lastHealing } from './healing.ts';

const entry = (action: string, actorName: string) => ({
  ...{ id: action, action, actorName },
  ...{ text: '', time: '2026-05-03T10:00:00Z' },
});

test('the newest renewal or recovery is told, whatever came after it', () => {
  const history = [
    entry('drill.started', 'Alma'),
    entry('credential.renewed', 'Max'),
    entry('credential.expired', 'Credential Renewal'),
    entry('credential.recovered', 'Credential Renewal'),
  ];
  expect(lastHealing(history)).toMatchObject({ how: 'renewed', actorName: 'Max' });
  expect(lastHealing(history.slice(2))).toMatchObject({ how: 'recovered' });
  expect(lastHealing([entry('source.created', 'Ada')])).toBeUndefined();
});
