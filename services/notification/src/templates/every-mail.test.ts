import { describe, expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { sampleMails } from '../testing/sample-mails.ts';

const nasty = `<img src=x onerror=alert(1)>"'&`;

/** Every text of a person, a provider or a connector is hostile. */
function hostile(notification: Notification): Notification {
  const { recipient, trouble, uses } = notification;
  return {
    ...notification,
    recipient: { ...recipient, name: nasty },
    trouble: { ...trouble, providerName: nasty, reasonText: nasty },
    dependentSources: [nasty],
    ...(notification.unreachedName && { unreachedName: nasty }),
    uses: uses.map((use) => ({
      ...use,
      ...{ name: nasty, connectorName: nasty, workspace: { id: 'w', name: nasty } },
    })),
  };
}

const subjects = {
  expired: 'Credentials expired in source',
  late: 'Credentials expired in source',
  digest: 'Credentials expired in source',
  daily: 'Credentials: what happened in the last day',
  expiring: 'Credentials expire soon in source',
  reminder: 'Reminder: credentials expired in source',
  drill: '[Drill] Credentials expired in source',
  recovered: 'Credentials work again in source',
  delayed: 'Sources have been delayed for a day',
  escalation: 'Credentials expired in source, and a mail about it did not arrive',
};

describe.each(Object.entries(sampleMails()))('the mail %s', (name, mail) => {
  test('has its subject, and no name in it', () => {
    expect(mail.subject).toBe(subjects[name as keyof typeof subjects]);
    expect(sampleMails(hostile)[name]?.subject).toBe(mail.subject);
  });

  test('shows markup in names, reasons and the product, and never runs it', () => {
    const { html, text } = sampleMails(hostile, { productName: nasty })[name] ?? mail;
    expect(html).not.toContain('<img');
    expect(html).not.toContain('alert(1)>"\'');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
    expect(text).toContain(nasty);
  });

  test('has no internal id but those of its links, and no address', () => {
    const { html, text } = mail;
    const ids = ['episode-', 'credential-1', 'account-1', 'user-ann', '0190-notification', 'n-'];
    const words = `${html} ${text}`.replaceAll(/https:\/\/app\.example\/[^\s"]*/g, '');
    const visible = words.replaceAll(/<[^>]*>/g, ' ');
    for (const id of [...ids, 'source-1', 'workspace-1', '@example.com']) {
      expect(visible).not.toContain(id);
    }
  });

  test('loads nothing, is one fluid column, knows dark mode and says the same in both bodies', () => {
    const { html, text } = mail;
    expect(html).not.toMatch(/<(img|script|link|iframe)|url\(|@import/);
    expect(html).toContain('max-width:560px');
    expect(html).not.toMatch(/[^-]width:\d{3,}px/);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('prefers-color-scheme:dark');
    for (const line of text.split('\n')) {
      if (line === '' || /^-+$/.test(line)) continue;
      const words = line.startsWith('https:') ? line : line.replace(/:$/, '');
      expect(plain(html)).toContain(words.trim());
    }
  });

  test('links only to the pages of its account, at the end to where mails are chosen', () => {
    const own = sampleMails(undefined, { publicUrl: new URL('https://acme.example/sources/') });
    const { html = '', kind } = own[name] ?? mail;
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, url]) => url ?? '');
    const asksForNothing = kind === 'recovered' || kind === 'delayed';
    // A drill is no mail that one can choose.
    const isChosen = kind !== 'drill';
    expect(links.at(-1)?.endsWith('/sources/notification-settings')).toBe(isChosen);
    expect(links.length > (isChosen ? 1 : 0)).toBe(!asksForNothing);
    for (const link of links.filter((one) => !one.includes('/unsubscribe?'))) {
      expect(link).toMatch(/^https:\/\/acme\.example\/sources\/[a-z-]+/);
    }
  });
});

/** What a reader sees, and the links. */
function plain(html: string): string {
  return html
    .replaceAll(/<a [^>]*href="([^"]*)"[^>]*>/g, ' $1 ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

test('only a mail with reminders says where they end', () => {
  for (const [name, mail] of Object.entries(sampleMails())) {
    const says = name === 'reminder' || name === 'daily';
    expect(mail.unsubscribeUrl !== undefined).toBe(says);
    expect(mail.text.includes('Stop reminders')).toBe(says);
    expect(mail.html.includes('/unsubscribe?token=')).toBe(says);
  }
});

test('a mail that goes out again is the same mail, also when its oldest part is gone', () => {
  const [first] = Object.values(sampleMails((one) => ({ ...one, mailId: 'mail-7' })));
  expect(first?.id).toBe('mail-7');
  expect(first?.messageId).toBe('<mail-7@app.example>');
});

test('a late mail says when its news was noticed', () => {
  expect(sampleMails()['late']?.text).toContain(
    'This mail is late: its news was noticed on 3 May 2026 at 14:05 UTC, and no mail could be sent before now.',
  );
});
