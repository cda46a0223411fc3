import { createServer } from 'node:http';
import { listenOnLoopback } from '@credential-renewal/runtime/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startFakeSendGrid } from './fake-sendgrid.ts';
import { makeEvent } from './sendgrid-events.ts';

async function start() {
  const sendGrid = await startFakeSendGrid();
  onTestFinished(() => sendGrid.close());
  const send = (body: unknown, headers: Record<string, string> = {}, path = '/v3/mail/send') =>
    fetch(sendGrid.url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${sendGrid.apiKey}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { sendGrid, send };
}

const good = {
  from: { email: 'p@app.example' },
  subject: 'Subject',
  content: [{ type: 'text/plain', value: 'Text' }],
  personalizations: [{ to: [{ email: 'ann@example.com' }] }],
};
const [oneTo] = good.personalizations;

test('what the documentation allows is accepted, with the id of the message', async () => {
  const { sendGrid, send } = await start();
  const answer = await send(good);
  expect([answer.status, answer.headers.get('x-message-id'), await answer.text()]).toEqual([
    202,
    'fake-1',
    '',
  ]);
  expect(sendGrid.mails).toMatchObject([{ subject: 'Subject', messageId: 'fake-1' }]);
});

test.each<[string, object]>([
  ['from', { from: undefined }],
  ['from.email', { from: { email: 'nobody' } }],
  ['subject', { subject: '' }],
  ['content', { content: [] }],
  ['content', { content: [{ type: 'text/html', value: 'h' }, ...good.content] }],
  ['content.0.value', { content: [{ type: 'text/plain', value: '' }] }],
  ['personalizations', { personalizations: [] }],
  ['personalizations', { personalizations: Array.from({ length: 1001 }, () => oneTo) }],
  ['personalizations.0.to', { personalizations: [{ to: [] }] }],
  ['personalizations.0.to.0.email', { personalizations: [{ to: [{ email: 'a b@x' }] }] }],
  ['personalizations.0.bodies', { personalizations: [{ ...oneTo, bodies: 1 }] }],
  [
    'personalizations.0.headers.Subject',
    { personalizations: [{ ...oneTo, headers: { Subject: 'x' } }] },
  ],
  ['personalizations.0.custom_args.n', { personalizations: [{ ...oneTo, custom_args: { n: 7 } }] }],
  ['custom_args', { custom_args: { n: 'x'.repeat(10_001) } }],
  ['categories', { categories: Array.from({ length: 11 }, (_, n) => `c${n}`) }],
  ['categories', { categories: ['c'.repeat(256)] }],
  ['headers.Received', { headers: { Received: 'x' } }],
  ['text', { text: 'no such field' }],
])('a wrong %s is a 400 that names it', async (field, wrong) => {
  const { sendGrid, send } = await start();
  const answer = await send({ ...good, ...wrong });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    errors: expect.arrayContaining([{ message: expect.any(String), field, help: null }]),
  });
  expect(sendGrid.mails).toEqual([]);
});

test.each<[number, Parameters<Awaited<ReturnType<typeof start>>['send']>]>([
  [400, ['no JSON']],
  [401, [good, { authorization: 'Bearer SG.another' }]],
  [404, [good, {}, '/v3/mail']],
  [413, ['x'.repeat(30 * 1024 * 1024 + 1)]],
  [415, [good, { 'content-type': 'text/plain' }]],
])('%s where it is due', async (status, request) => {
  const { sendGrid, send } = await start();
  expect((await send(...request)).status).toBe(status);
  expect(sendGrid.mails).toEqual([]);
});

test('its webhook posts what it is told, signed, as often as it is told', async () => {
  const { sendGrid } = await start();
  const posts: { signature: unknown; timestamp: unknown; body: string }[] = [];
  const receiver = createServer(async (request, response) => {
    const { headers } = request;
    let body = '';
    for await (const chunk of request) body += String(chunk);
    posts.push({
      signature: headers['x-twilio-email-event-webhook-signature'],
      timestamp: headers['x-twilio-email-event-webhook-timestamp'],
      body,
    });
    response.writeHead(204).end();
  });
  const { port, close } = await listenOnLoopback(receiver);
  onTestFinished(close);
  const events = [makeEvent('delivered', 'm-1'), makeEvent('processed', 'm-1')];
  for (const atMs of [5_000_000_000_000, 4_000_000_000_000])
    expect(await sendGrid.post(`http://127.0.0.1:${port}/`, events, { atMs })).toBe(204);
  expect(posts.map(({ timestamp }) => timestamp)).toEqual(['5000000000', '4000000000']);
  expect(posts.map(({ body }) => JSON.parse(body))).toEqual([events, events]);
  expect(posts[0]?.signature).not.toBe(posts[1]?.signature);
});
