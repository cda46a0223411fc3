import type { CredentialStatus } from '@credential-renewal/gateway/http-types';
import { expect, test } from 'vitest';
import { needsRenewal, renewalOffer, statusTone, statusWords } from './credential-status.ts';

const everyStatus: CredentialStatus[] = [
  'pending',
  'healthy',
  'expiring',
  'delayed',
  'expired',
  'insufficient_scope',
];

test('only a dead credential and one with missing permissions need renewal', () => {
  expect(everyStatus.filter(needsRenewal)).toEqual(['expired', 'insufficient_scope']);
});

test('red appears exactly where somebody can act', () => {
  const red = everyStatus.filter((status) => statusTone(status, true) === 'act');
  expect(red).toEqual(everyStatus.filter((status) => renewalOffer(status, true) === 'renew-now'));
  expect(everyStatus.filter((status) => statusTone(status, false) === 'act')).toEqual([]);
});

test('somebody who may not renew is offered nothing', () => {
  expect(everyStatus.map((status) => renewalOffer(status, false))).toEqual(
    everyStatus.map(() => 'none'),
  );
});

test('a source that was never authorized is finished, and an expiring one can be renewed early', () => {
  expect(renewalOffer('pending', true)).toBe('finish');
  expect(renewalOffer('expiring', true)).toBe('renew-early');
  expect(renewalOffer('delayed', true)).toBe('none');
});

test('no two statuses share their words', () => {
  expect(new Set(everyStatus.map(statusWords)).size).toBe(everyStatus.length);
});
