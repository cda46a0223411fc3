import { expect, test } from 'vitest';
import { readSmtpError, type SmtpError } from './smtp-answer.ts';

const answered = (command: string, response: string, code = 'EENVELOPE'): SmtpError => ({
  ...{ code, command, response },
  responseCode: Number(response.slice(0, 3)),
});

test.each<[string, SmtpError]>([
  ['TRANSPORT_BUSY', answered('CONN', '421 4.3.2 shutting down', 'EPROTOCOL')],
  ['TRANSPORT_BUSY', answered('EHLO', '450 4.7.1 wait', 'EPROTOCOL')],
  ['TRANSPORT_BUSY', answered('STARTTLS', '454 4.7.0 TLS not available', 'ETLS')],
  ['TRANSPORT_BUSY', answered('AUTH PLAIN', '454 4.7.0 temporary failure', 'EAUTH')],
  ['TRANSPORT_REFUSED_US', answered('CONN', '554 5.7.1 you are listed', 'EPROTOCOL')],
  ['TRANSPORT_REFUSED_US', answered('EHLO', '550 no such name', 'ECONNECTION')],
  ['TRANSPORT_REFUSED_US', answered('STARTTLS', '502 not implemented', 'ETLS')],
  ['TRANSPORT_REFUSED_US', answered('AUTH PLAIN', '534 5.7.9 stronger please', 'EAUTH')],
  ['TRANSPORT_REFUSED_US', { code: 'EAUTH', command: 'API' }],
  ['TRANSPORT_REFUSED_US', { code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' }],
  ['TRANSPORT_REFUSED_US', { code: 'ESOCKET', originalCode: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
  ['TRANSPORT_REFUSED_US', { code: 'ESOCKET', originalCode: 'ERR_SSL_WRONG_VERSION_NUMBER' }],
  ['TRANSPORT_REFUSED_US', answered('MAIL FROM', '550 5.1.8 no such sender')],
  ['TRANSPORT_REFUSED_US', answered('RCPT TO', '554 5.7.1 <h>: Client host rejected')],
  [
    'TRANSPORT_REFUSED_US',
    answered('RCPT TO', '553 5.7.1 <p@app.example>: Sender address rejected'),
  ],
  ['TRANSPORT_REFUSED_US', answered('RCPT TO', '550 relaying denied')],
  ['MAIL_REFUSED', answered('RCPT TO', '554 5.7.1 <ann@example.com>: Recipient address rejected')],
  ['MAIL_REFUSED', answered('RCPT TO', '550 no such user')],
  ['MAIL_REFUSED', { code: 'EMESSAGE', command: 'MAIL FROM' }],
  ['MAIL_HANDOVER_FAILED', { code: 'ESOCKET', originalCode: 'ECONNRESET', command: 'CONN' }],
  ['MAIL_HANDOVER_FAILED', { code: 'ETLS', command: 'CONN' }],
  ['MAIL_HANDOVER_FAILED', { code: 'EDNS', originalCode: 'ENOTFOUND', command: 'CONN' }],
  ['MAIL_HANDOVER_FAILED', answered('CONN', '250 out of turn', 'EPROTOCOL')],
  ['MAIL_HANDOVER_FAILED', {}],
])('%s for %j', (code, error) => {
  expect(readSmtpError(error, 'unknown')).toMatchObject({ code });
});

test.each([['no'], ['unknown']] as const)(
  'without an answer it is as sure as the caller: %s',
  (sure) => {
    expect(readSmtpError({ code: 'ETIMEDOUT', command: 'CONN' }, sure)).toMatchObject({
      handedOver: sure,
    });
    expect(readSmtpError(answered('DATA', '451 4.3.0 later'), sure)).toMatchObject({
      handedOver: 'no',
    });
  },
);

test('what a server repeats of a login is not repeated', () => {
  const error = readSmtpError(answered('AUTH PLAIN', '535 cGxhbnRlZA== planted', 'EAUTH'), 'no');
  expect(error.message).toBe('smtp refuses us: it answered 535 to the login');
});
