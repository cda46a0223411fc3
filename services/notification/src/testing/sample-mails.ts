import type { Notification } from '../notification.ts';
import { composeMail, type MailContext } from '../sending/compose-mail.ts';
import type { Mail } from '../sending/mail.ts';
import { makeNotification, makeUse, startMs } from './fixtures.ts';

type Parts = readonly [Notification, ...Notification[]];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const { trouble } = makeNotification();
const workspace = { id: 'workspace-1', name: 'Sales' };

const wiki = makeNotification({
  ...{ id: 'n-2', episodeId: 'episode-2' },
  uses: [makeUse({ id: 'source-2', name: 'Wiki', connectorName: 'Confluence', workspace })],
  trouble: {
    ...trouble,
    providerName: 'Atlassian',
    resolver: 'tenant_admin',
    reasonText: 'An administrator has blocked the application (seen on 3 May).',
  },
});
const connection = makeNotification({
  ...{ id: 'n-3', episodeId: 'episode-3' },
  uses: [
    makeUse({ kind: 'authorized_connection', id: 'c-1', name: 'Acme Chatter', why: 'shared' }),
  ],
  dependentSources: ['Chat of the support team', 'Chat of the sales team'],
});

const parts: Record<string, Parts> = {
  expired: [makeNotification()],
  digest: [
    makeNotification({ inDigest: true }),
    { ...wiki, inDigest: true },
    { ...connection, inDigest: true },
  ],
  expiring: [
    makeNotification({
      ...{ kind: 'expiring', number: 7, expiresAtMs: startMs + 7 * dayMs },
      trouble: { ...trouble, status: 'expiring' },
    }),
  ],
  reminder: [makeNotification({ kind: 'reminder', number: 3 })],
  recovered: [makeNotification({ kind: 'recovered', recoveredAtMs: startMs + hourMs })],
  drill: [makeNotification({ kind: 'drill', trouble: { ...trouble, reasonText: '' } })],
  delayed: [
    makeNotification({
      kind: 'delayed',
      uses: [makeUse({ why: 'administrator' })],
      trouble: {
        ...{ ...trouble, status: 'delayed', resolver: 'operator' },
        reasonText: 'Google has not answered for a while.',
      },
    }),
  ],
  escalation: [
    makeNotification({
      ...{ kind: 'escalation', unreachedName: 'Ben' },
      uses: [makeUse({ why: 'administrator', workspace })],
    }),
  ],
  daily: [
    makeNotification({ daily: true }),
    { ...wiki, kind: 'reminder', number: 1, daily: true },
    makeNotification({
      ...{ id: 'n-4', episodeId: 'episode-4', daily: true },
      ...{ kind: 'expiring', number: 7, expiresAtMs: startMs + 7 * dayMs },
      uses: [makeUse({ id: 'source-4', name: 'Tickets', connectorName: 'Helpline' })],
    }),
    makeNotification({
      ...{ id: 'n-5', episodeId: 'episode-5', kind: 'recovered', daily: true },
      recoveredAtMs: startMs + hourMs,
      uses: [makeUse({ id: 'source-5', name: 'Box of contracts', connectorName: 'Box' })],
    }),
  ],
};

export const sampleContext: MailContext & { nowMs: number } = {
  publicUrl: new URL('https://app.example'),
  productName: 'Credential Renewal',
  from: { name: 'Credential Renewal', address: 'no-reply@app.example' },
  unsubscribeUrl: () => 'https://app.example/unsubscribe?token=a-token',
  nowMs: startMs,
};

/** A mail of each template, by name; `late` is one that could not go out in time. */
export function sampleMails(
  change: (notification: Notification) => Notification = (one) => one,
  context: Partial<typeof sampleContext> = {},
): Record<string, Mail> {
  const make = ([first, ...others]: Parts, more: Partial<typeof sampleContext> = {}) =>
    composeMail([change(first), ...others.map(change)], { ...sampleContext, ...context, ...more });
  const mails = Object.entries(parts).map(([name, of]) => [name, make(of)]);
  const late = make([makeNotification()], { nowMs: startMs + 2 * hourMs });
  return Object.fromEntries([...mails, ['late', late]]);
}
