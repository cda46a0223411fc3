import {
  currentTrace,
  DomainError,
  InputInvalidError,
  runWithTrace,
} from '@credential-renewal/runtime';
import { expect, test, vi } from 'vitest';
import { mailSaying, startLoopback } from './loopback-fixture.ts';

/** What a failed call gave its caller. */
async function refusalOf(call: Promise<unknown>): Promise<DomainError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DomainError);
  return error as DomainError;
}

for (const [transport, options] of [
  ['a unix socket', {}],
  ['TCP', { address: '127.0.0.1:0' }],
] as const) {
  test(`a request and its answer cross ${transport}`, async () => {
    const { client } = await startLoopback(async ({ mailId }) => mailSaying(mailId), options);
    const { mail } = await client.getMail({ mailId: 'grüße' });
    expect(mail?.text).toBe('grüße');
  });

  test(`a refusal crosses ${transport} intact, with fields, facts and retry delay`, async () => {
    const { client } = await startLoopback(async () => {
      throw new DomainError('failed_precondition', 'MAIL_HELD', 'The mail is held – 100 % sure', {
        metadata: { mail_id: 'mail-1' },
        violations: [{ field: 'mail_id', description: 'is held' }],
        retryAfterMs: 1_500,
      });
    }, options);
    const refusal = await refusalOf(client.getMail({ mailId: 'mail-1' }));
    expect(refusal).toMatchObject({
      kind: 'failed_precondition',
      code: 'MAIL_HELD',
      message: 'The mail is held – 100 % sure',
      metadata: { mail_id: 'mail-1' },
      violations: [{ field: 'mail_id', description: 'is held' }],
      retryAfterMs: 1_500,
    });
  });
}

test('a refusal that passes through a second service stays the same', async () => {
  const inner = await startLoopback(async () => {
    throw new InputInvalidError([{ field: 'mail_id', description: 'must be an id' }]);
  });
  const outer = await startLoopback((request) => inner.client.getMail(request));
  const refusal = await refusalOf(outer.client.getMail({ mailId: '' }));
  expect(refusal.code).toBe('INPUT_INVALID');
  expect(refusal.violations).toEqual([{ field: 'mail_id', description: 'must be an id' }]);
});

test('a refusal is one line in the log: its code and fields, and no word a person may have typed', async () => {
  const { client, lines } = await startLoopback(async () => {
    throw new InputInvalidError([{ field: 'mail_id', description: 'ada@example.org is no id' }]);
  });
  await refusalOf(client.getMail({ mailId: 'ada@example.org' }));
  const told = lines.filter(({ rpc }) => rpc !== undefined);
  expect(told).toMatchObject([
    { level: 30, status: 'INVALID_ARGUMENT', error_code: 'INPUT_INVALID', fields: ['mail_id'] },
  ]);
  expect(JSON.stringify(lines)).not.toContain('ada@');
});

test('an unexpected error tells the caller nothing and the log everything', async () => {
  const { client, lines } = await startLoopback(async () => {
    throw new TypeError('secret-detail of /var/lib/store');
  });
  const refusal = await refusalOf(client.getMail({ mailId: 'mail-1' }));
  expect(refusal).toMatchObject({ kind: 'internal', code: 'INTERNAL_ERROR' });
  expect(JSON.stringify([refusal, refusal.message])).not.toContain('secret-detail');
  const line = lines.find(({ rpc }) => rpc === 'notification.v1.NotificationService/GetMail');
  expect(line).toMatchObject({ level: 50, status: 'INTERNAL' });
  expect(JSON.stringify(line?.['err'])).toContain('rpc-loopback.test.ts');
});

test('a hanging handler is given up at the deadline of its caller and told so by its signal', async () => {
  const told = Promise.withResolvers<void>();
  const { client } = await startLoopback(
    (_, { signal }) => {
      signal.addEventListener('abort', () => told.resolve());
      return new Promise(() => {});
    },
    { drainTimeoutMs: 50 },
  );
  const refusal = await refusalOf(client.getMail({ mailId: 'mail-1' }, { deadlineMs: 100 }));
  expect(refusal).toMatchObject({ kind: 'deadline_exceeded', code: 'DEADLINE_EXCEEDED' });
  await told.promise;
});

test('a call ends at the limit of the server however patient its caller is', async () => {
  const { client, lines } = await startLoopback(() => new Promise(() => {}), {
    callLimitMs: 50,
    drainTimeoutMs: 50,
  });
  const refusal = await refusalOf(client.getMail({ mailId: 'mail-1' }));
  expect(refusal.code).toBe('DEADLINE_EXCEEDED');
  expect(lines.some(({ status }) => status === 'DEADLINE_EXCEEDED')).toBe(true);
});

test('an aborted call rejects with the reason of the abort, and the handler hears of it', async () => {
  const entered = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const { client, lines } = await startLoopback(
    (_, { signal }) => {
      signal.addEventListener('abort', () => told.resolve());
      entered.resolve();
      return new Promise(() => {});
    },
    { drainTimeoutMs: 50 },
  );
  const leaving = new AbortController();
  const call = client.getMail({ mailId: 'mail-1' }, { signal: leaving.signal });
  await entered.promise;
  leaving.abort(new Error('page closed'));
  await expect(call).rejects.toThrow('page closed');
  await told.promise;
  await vi.waitFor(() => expect(lines.some(({ status }) => status === 'CANCELLED')).toBe(true));
});

test('the trace of the caller is the trace of the handler and of its log line', async () => {
  const { client, lines } = await startLoopback(async () =>
    mailSaying(currentTrace()?.traceId ?? 'none'),
  );
  const traceId = 'a'.repeat(32);
  const answer = await runWithTrace(`00-${traceId}-${'b'.repeat(16)}-01`, () =>
    client.getMail({ mailId: 'mail-1' }),
  );
  expect(answer.mail?.text).toBe(traceId);
  await vi.waitFor(() =>
    expect(lines).toContainEqual(expect.objectContaining({ trace_id: traceId, status: 'OK' })),
  );
});
