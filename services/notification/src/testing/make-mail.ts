import type { Mail } from '../sending/mail.ts';

/** A mail as a template made it. */
export function makeMail(changes: Partial<Mail> = {}): Mail {
  return {
    id: '0190-notification-1',
    messageId: '<0190-notification-1@app.example>',
    kind: 'expired',
    from: { name: 'Credential Renewal', address: 'no-reply@app.example' },
    to: { name: 'Ann', address: 'ann@example.com' },
    subject: 'Credentials expired in source',
    text: 'Hello Ann,\n\nTeam Drive waits.\n',
    html: '<p>Hello Ann,</p><p>Team Drive waits.</p>',
    episodeIds: ['episode-1'],
    ...changes,
  };
}
