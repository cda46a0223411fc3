import { expect, test } from 'vitest';
import { createApiClient } from './client.ts';
import { GatewayUnreachableError, ProblemError } from './problem-error.ts';

type Sent = { url: string; init: RequestInit };

function clientAnswering(answer: () => Response | Promise<Response>) {
  const sent: Sent[] = [];
  let signedOut = 0;
  const client = createApiClient({
    fetch: async (url, init) => {
      sent.push({ url: String(url), init: init ?? {} });
      return answer();
    },
    randomBytes: (length) => new Uint8Array(length).fill(0xab),
    onSignedOut: () => {
      signedOut += 1;
    },
  });
  return { client, sent, signedOut: () => signedOut };
}

test('a body is announced as JSON, and a call without one is not', async () => {
  const { client, sent } = clientAnswering(() => Response.json({}));
  await client.send('POST', '/sources', { name: 'Drive' });
  await client.send('DELETE', '/sources/1');
  expect(sent[0]?.init.headers).toMatchObject({ 'content-type': 'application/json' });
  expect(sent[0]?.init.body).toBe('{"name":"Drive"}');
  expect(sent[1]?.init.headers).not.toHaveProperty('content-type');
});

test('each call carries a trace id', async () => {
  const { client, sent } = clientAnswering(() => Response.json({}));
  await client.get('/me');
  expect(sent[0]?.url).toBe('/api/v1/me');
  expect(sent[0]?.init.headers).toMatchObject({
    traceparent: `00-${'ab'.repeat(16)}-${'ab'.repeat(8)}-01`,
  });
});

test('a problem document becomes an error that names the field', async () => {
  const { client } = clientAnswering(() =>
    Response.json(
      {
        type: 'about:blank',
        title: 'Bad input',
        status: 400,
        detail: 'name is too long',
        code: 'bad_input',
        errors: [{ pointer: '/name', detail: 'at most 100 characters' }],
      },
      { status: 400, headers: { 'content-type': 'application/problem+json' } },
    ),
  );
  const error = await client.get('/sources').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ code: 'bad_input', status: 400, message: 'name is too long' });
  expect((error as ProblemError).field('/name')).toBe('at most 100 characters');
});

test('an error page of a proxy still becomes a readable error', async () => {
  const { client } = clientAnswering(() => new Response('<html>', { status: 502 }));
  await expect(client.get('/me')).rejects.toMatchObject({ status: 502, code: 'unexpected_answer' });
});

test('an unreachable gateway is told apart from an answer', async () => {
  const { client } = clientAnswering(() => Promise.reject(new TypeError('fetch failed')));
  await expect(client.get('/me')).rejects.toBeInstanceOf(GatewayUnreachableError);
});

test('an ended session leads to sign-in and shows no error', async () => {
  const { client, signedOut } = clientAnswering(() => new Response(null, { status: 401 }));
  let settled = false;
  client.get('/me').then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await new Promise((resolve) => setTimeout(resolve));
  client.get('/my-sources');
  await new Promise((resolve) => setTimeout(resolve));
  expect(signedOut(), 'several calls lead there once').toBe(1);
  expect(settled).toBe(false);
});

test('signing out succeeds when the answer leads elsewhere', async () => {
  const { client, sent } = clientAnswering(() => {
    const response = new Response(null);
    Object.defineProperties(response, {
      type: { value: 'opaqueredirect' },
      ok: { value: false },
      status: { value: 0 },
    });
    return response;
  });
  await client.signOut();
  expect(sent[0]).toMatchObject({ url: '/sign-out', init: { method: 'POST', redirect: 'manual' } });
});
