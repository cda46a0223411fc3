export { type FakeSendGrid, type SendGridMail, startFakeSendGrid } from './fake-sendgrid.ts';
export { makeEvent } from './sendgrid-events.ts';
export { type SmtpInbox, startSmtpInbox } from './smtp-inbox.ts';
