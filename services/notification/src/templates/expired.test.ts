import { expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { makeNotification, makeUse } from '../testing/fixtures.ts';
import { expiredMail } from './expired.ts';

const context = { publicUrl: new URL('https://app.example'), productName: 'Credential Renewal' };

function mailFor(changes: Partial<Notification> = {}) {
  return expiredMail(makeNotification(changes), context);
}

const trouble = makeNotification().trouble;

test('the subject is exactly the promised one, whatever the names are', () => {
  const uses = [makeUse({ name: 'x\r\nBcc: eve@x.example' })];
  expect(mailFor({ uses }).subject).toBe('Credentials expired in source');
});

test('both bodies name source, connector, provider, reason, time and the link, and why the mail came', () => {
  const { html, text } = mailFor();
  for (const said of [
    'Hello Ann,',
    'The credentials of the source “Team Drive” have expired, so it no longer syncs.',
    'Google says that the access was withdrawn (seen on 3 May).',
    'Team Drive (Google Drive)',
    '3 May 2026 at 14:05 UTC',
    'signing in at Google again',
    'https://app.example/my-sources?source=source-1',
    'because you created “Team Drive”',
    'grants nothing by itself',
  ]) {
    expect(text).toContain(said);
    expect(html).toContain(said);
  }
});

test('several sources are all listed under one link', () => {
  const uses = ['A', 'B', 'C', 'D'].map((name) => makeUse({ id: name, name }));
  const { text } = mailFor({ uses });
  expect(text).toContain('The credentials of 4 sources have expired, so they no longer sync.');
  for (const name of ['A', 'B', 'C', 'D']) expect(text).toContain(`Source: ${name} (Google Drive)`);
  expect(text.match(/https:.*source/g)).toHaveLength(1);
});

test('where an administrator of the customer must act the mail says so', () => {
  const { text } = mailFor({ trouble: { ...trouble, resolver: 'tenant_admin' } });
  expect(text).toContain('An administrator of your organisation at Google must act first.');
});

test('missing permissions are called what they are', () => {
  const { text } = mailFor({ trouble: { ...trouble, status: 'insufficient_scope' } });
  expect(text).toContain('lack permissions that are needed');
  expect(text).not.toContain('have expired');
});

test('a connection is named with the sources that depend on it', () => {
  const { text } = mailFor({
    uses: [makeUse({ kind: 'authorized_connection', id: 'c-1', name: 'Admin', why: 'shared' })],
    dependentSources: ['Wiki', 'Chat'],
  });
  expect(text).toContain('“Admin” have expired, so the sources that use it no longer sync.');
  expect(text).toContain('Sources that depend on it: Wiki and Chat');
  expect(text).toContain('because the authorized connection “Admin” is shared with you');
  expect(text).toContain('https://app.example/authorized-connections?connection=c-1');
});

test('who stands in for somebody who left reads why the mail came to them', () => {
  const workspace = { id: 'w-1', name: 'Sales' };
  const { text } = mailFor({ uses: [makeUse({ why: 'creator_left', workspace })] });
  expect(text).toContain(
    'because the creator of “Team Drive” has left and you administer the workspace “Sales”',
  );
  const connection = makeUse({ kind: 'authorized_connection', why: 'creator_left' });
  expect(mailFor({ uses: [connection] }).text).toContain(
    'because the owner of “Team Drive” has left',
  );
});

test('markup in names, reasons and the product is shown, never run', () => {
  const nasty = `<img src=x onerror=alert(1)>"'&`;
  const { html, text } = expiredMail(
    makeNotification({
      recipient: { userId: 'u', name: nasty, email: 'a@x.example' },
      uses: [makeUse({ name: nasty, connectorName: nasty, workspace: { id: 'w', name: nasty } })],
      trouble: { ...trouble, providerName: nasty, reasonText: nasty },
      dependentSources: [nasty],
    }),
    { ...context, productName: nasty },
  );
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
  expect(text).toContain(nasty);
});

test('no internal id stands in the mail but those of the link, and no address', () => {
  const { html, text } = mailFor();
  for (const id of ['episode-1', 'credential-1', 'account-1', 'user-ann', '0190-notification-1']) {
    expect(html + text).not.toContain(id);
  }
  expect(html + text).not.toContain('ann@example.com');
});

test('the HTML loads nothing, is one fluid column, and knows dark mode', () => {
  const { html } = mailFor();
  expect(html).not.toMatch(/<(img|script|link|iframe)|url\(|@import/);
  expect(html).toContain('max-width:560px');
  expect(html).not.toMatch(/[^-]width:\d{3,}px/);
  expect(html).toContain('prefers-color-scheme:dark');
  expect(html).toContain('<html lang="en">');
  // The preheader comes before everything that is seen.
  expect(html.indexOf('have expired')).toBeLessThan(html.indexOf('Hello Ann'));
});
