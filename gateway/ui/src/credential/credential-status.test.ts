import type { CredentialStatus } from '@credential-renewal/gateway/http-types';
import { expect, test } from 'vitest';
import {
  needsRenewal,
  renewalOffer,
  standingSentences,
  statusTone,
  statusWords,
} from './credential-status.ts';

const everyStatus: CredentialStatus[] = [
  'pending',
  'healthy',
  'expiring',
  'delayed',
  'expired',
  'insufficient_scope',
];

const standing = (status: CredentialStatus) => ({ status, scopeUpgrade: null });
const asked = (status: CredentialStatus) => ({
  status,
  scopeUpgrade: { missingScopes: ['files.comment'] },
});

test('only a dead credential and one with missing permissions need renewal', () => {
  expect(everyStatus.filter(needsRenewal)).toEqual(['expired', 'insufficient_scope']);
});

test('red appears exactly where somebody can act', () => {
  const red = everyStatus.filter((status) => statusTone(status, true) === 'act');
  expect(red).toEqual(
    everyStatus.filter((status) => renewalOffer(standing(status), true) === 'renew-now'),
  );
  expect(everyStatus.filter((status) => statusTone(status, false) === 'act')).toEqual([]);
});

test('somebody who may not renew is offered nothing', () => {
  expect(everyStatus.map((status) => renewalOffer(standing(status), false))).toEqual(
    everyStatus.map(() => 'none'),
  );
});

test('a source that was never authorized is finished, and an expiring one can be renewed early', () => {
  expect(renewalOffer(standing('pending'), true)).toBe('finish');
  expect(renewalOffer(standing('expiring'), true)).toBe('renew-early');
  expect(renewalOffer(standing('delayed'), true)).toBe('none');
});

test('more access can be granted to what works; an early or due renewal asks for it anyway', () => {
  expect(everyStatus.map((status) => renewalOffer(asked(status), true))).toEqual(
    everyStatus.map((status) =>
      status === 'healthy' ? 'grant' : renewalOffer(standing(status), true),
    ),
  );
  expect(everyStatus.map((status) => renewalOffer(asked(status), false))).toEqual(
    everyStatus.map(() => 'none'),
  );
});

test('whoever is asked for more is not told that there is nothing to do', () => {
  expect(standingSentences(standing('healthy')).join(' ')).toContain('nothing to do');
  expect(standingSentences(asked('healthy')).join(' ')).not.toContain('nothing to do');
  expect(standingSentences(asked('healthy')).join(' ')).toContain('Syncing goes on');
  expect(standingSentences(asked('expiring'), 'Ends soon.')[0]).toBe('Ends soon.');
  expect(standingSentences(asked('expiring'), 'Ends soon.')).toHaveLength(2);
});

test('no two statuses share their words', () => {
  expect(new Set(everyStatus.map(statusWords)).size).toBe(everyStatus.length);
});
