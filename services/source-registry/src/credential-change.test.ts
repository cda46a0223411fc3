import { Actor_Kind, CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { expect, test } from 'vitest';
import {
  withAttachedCredential,
  withCredentialState,
  withoutCredential,
} from './credential-change.ts';
import { aSource, aState } from './rule-examples.ts';
import type { Use } from './use.ts';

const circumstances = { actorName: 'Ada', nowMs: 5_000, accountSwitched: false };
const { DELAYED, EXPIRED, HEALTHY, INSUFFICIENT_SCOPE } = CredentialStatus;
const healthy = aSource({ credential: aState(2) });
const expired = aSource({ credential: aState(2, { status: EXPIRED }) });
const byAda = { actor: { kind: Actor_Kind.USER, id: 'ada' }, lastRenewedAt: new Date(4_000) };

function change(use: Use, state: ReturnType<typeof aState>, accountSwitched = false) {
  return withCredentialState(use, state, { ...circumstances, accountSwitched });
}

test('an older or equal version changes nothing', () => {
  expect(change(healthy, aState(1, { status: EXPIRED }))).toBeUndefined();
  expect(change(healthy, aState(2, { status: EXPIRED }))).toBeUndefined();
});

test('a state of another credential changes nothing', () => {
  expect(change(healthy, aState(9, { credentialId: 'other' }))).toBeUndefined();
});

test('a use that is being deleted takes no state: its tombstone is out', () => {
  const deleting = { ...healthy, deleting: { userId: 'ada', sinceMs: 1 } };
  expect(change(deleting, aState(3))).toBeUndefined();
});

test.each([
  ['credential.expired', healthy, aState(3, { status: EXPIRED })],
  ['credential.renewed', expired, aState(3, byAda)],
  ['credential.renewed', healthy, aState(3, byAda)],
  ['credential.recovered', expired, aState(3)],
  ['credential.insufficient-scope', expired, aState(3, { ...byAda, status: INSUFFICIENT_SCOPE })],
  [undefined, healthy, aState(3, { status: DELAYED })],
  [undefined, aSource({ credential: aState(2, { status: DELAYED }) }), aState(3)],
])('the history says %s', (action, before, state) => {
  const changed = change(before, state);
  expect(changed).toMatchObject({ announce: true, next: { credential: state } });
  expect(changed?.audit?.action).toBe(action);
});

test('an expiry is told in the words of the credential', () => {
  const reason = {
    code: 'access_withdrawn',
    text: 'Google says that the access was withdrawn.',
    resolver: 1 as const,
    evidence: undefined,
  };
  expect(change(healthy, aState(3, { status: EXPIRED, reason }))?.audit?.text).toBe(reason.text);
});

test('a switch of account enters the history once, also after its state has arrived', () => {
  const before = change(expired, aState(3, byAda), true);
  expect(before).toMatchObject({
    announce: true,
    audit: { text: 'Ada switched to another account at Google.' },
  });
  const overtaken = aSource({ credential: aState(3, byAda) });
  const after = change(overtaken, aState(3, byAda), true);
  expect(after).toMatchObject({
    announce: false,
    audit: { action: 'credential.account-switched' },
  });
  expect(change(after?.next as Use, aState(3, byAda), true)).toBeUndefined();
});

test('attaching again changes nothing, and never goes back to an older state', () => {
  expect(withAttachedCredential(healthy, aState(2), circumstances)).toBeUndefined();
  expect(withAttachedCredential(healthy, aState(1), circumstances)).toBeUndefined();
  expect(withAttachedCredential(healthy, aState(3), circumstances)).toMatchObject({
    next: { credential: { version: 3n } },
  });
});

test('attaching ends the pending time; a use that is being deleted takes it without a word', () => {
  const pending = aSource({ pendingSinceMs: 1_000 });
  expect(withAttachedCredential(pending, aState(1), circumstances)).toMatchObject({
    announce: true,
    next: { credential: { status: HEALTHY }, pendingSinceMs: undefined },
  });
  const deleting = { ...pending, deleting: { userId: 'ada', sinceMs: 1 } };
  expect(withAttachedCredential(deleting, aState(1), circumstances)).toMatchObject({
    announce: false,
    next: { credential: { credentialId: 'credential' } },
  });
});

test('another credential replaces the one before, and the history says that the account was switched', () => {
  const other = aState(1, { ...byAda, credentialId: 'other' });
  expect(withAttachedCredential(healthy, other, circumstances)).toMatchObject({
    next: { credential: { credentialId: 'other' } },
    audit: { action: 'credential.account-switched' },
  });
});

test('a lost credential leaves a use that waits for a new one and is never taken for abandoned', () => {
  const lost = withoutCredential(healthy, 'credential', 5_000);
  expect(lost).toMatchObject({ announce: true, next: { credential: undefined } });
  expect(lost?.next).not.toHaveProperty('pendingSinceMs');
  const deleting = { ...healthy, deleting: { userId: 'ada', sinceMs: 1 } };
  expect(withoutCredential(deleting, 'credential', 5_000)).toBeUndefined();
});
