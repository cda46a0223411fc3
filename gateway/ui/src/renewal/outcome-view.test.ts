import type {
  AuthorizationOutcome,
  AuthorizationStatus,
} from '@credential-renewal/gateway/http-types';
import { expect, test } from 'vitest';
import { outcomeView } from './outcome-view.ts';

function outcome(change: Partial<AuthorizationOutcome>): AuthorizationOutcome {
  return {
    id: 'a1',
    status: 'succeeded',
    renewal: true,
    expiresAt: '2026-05-03T12:10:00Z',
    heals: [
      { id: 's1', name: 'Team drive' },
      { id: 's2', name: 'Invoices' },
    ],
    connectorId: 'drive',
    providerName: 'Google',
    providerAccount: 'a…a@example.com',
    returnTo: '/my-sources',
    sourceId: 's1',
    authorizedConnectionId: null,
    missingScopes: [],
    formerAccessStays: false,
    upgradeScopes: [],
    expectedAccount: null,
    actualAccount: null,
    error: null,
    ...change,
  };
}

test('a renewal says what it healed and asks for nothing', () => {
  expect(outcomeView(outcome({}))).toMatchObject({
    tone: 'ok',
    title: 'Credentials renewed',
    list: ['Team drive', 'Invoices'],
    actions: [],
  });
});

test('another account is refused naming both, and switching is a separate choice', () => {
  const view = outcomeView(
    outcome({
      status: 'wrong_account',
      expectedAccount: 'a…a@example.com',
      actualAccount: 'b…b@example.com',
    }),
  );
  expect(view.text).toContain('a…a@example.com');
  expect(view.text).toContain('b…b@example.com');
  expect(view.actions).toEqual(['try-again', 'switch-account']);
});

test('missing permissions are listed', () => {
  const view = outcomeView(
    outcome({ status: 'insufficient_scope', missingScopes: ['files.read', 'files.list'] }),
  );
  expect(view.list).toEqual(['files.read', 'files.list']);
});

test('a failure or a cancellation shows what happened in the words of the server', () => {
  const error = { code: 'provider_unavailable', text: 'Google did not answer.' };
  for (const status of ['failed', 'cancelled'] as const) {
    const view = outcomeView(outcome({ status, error }));
    expect(view.text).toBe('Google did not answer.');
    // The server's text says what to do next, so the page adds nothing of its own.
    expect(view.advice).toBe(undefined);
  }
});

test('whatever did not succeed can be tried again', () => {
  const others: AuthorizationStatus[] = [
    'pending',
    'wrong_account',
    'insufficient_scope',
    'cancelled',
    'failed',
    'expired',
  ];
  for (const status of others) {
    expect(outcomeView(outcome({ status })).actions, status).toContain('try-again');
  }
});

test('cancelling says that nothing was changed', () => {
  expect(outcomeView(outcome({ status: 'cancelled' })).text).toContain('Nothing was changed.');
});

test('more access that was granted is not told as a repair', () => {
  const view = outcomeView(outcome({ upgradeScopes: ['files.comment'] }));
  expect(view).toMatchObject({ tone: 'ok', title: 'Access granted', actions: [] });
  expect(view.list).toEqual(['Team drive', 'Invoices']);
  expect(view.text).not.toContain('again');
});

test('whoever was asked for more and gave less is told that syncing goes on, and that nothing was changed', () => {
  const others: AuthorizationStatus[] = ['cancelled', 'failed', 'expired'];
  for (const status of others) {
    const upgrade = outcomeView(outcome({ status, upgradeScopes: ['files.comment'] }));
    expect(upgrade.advice, status).toContain('Syncing goes on');
    expect(outcomeView(outcome({ status })).advice ?? '', status).not.toContain('Syncing');
  }
  const partly: Partial<AuthorizationOutcome> = {
    ...{ status: 'insufficient_scope', missingScopes: ['files.comment'] },
  };
  const kept = outcomeView(outcome({ ...partly, formerAccessStays: true }));
  expect(kept.advice).toContain('nothing was changed. Syncing goes on');
  expect(kept.list).toEqual(['files.comment']);
  expect(outcomeView(outcome(partly)).advice).not.toContain('Syncing');
});
