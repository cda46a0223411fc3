import { expect, test } from 'vitest';
import { DomainError } from './domain-error.ts';
import { createLogger, type Logger } from './logger.ts';
import { runWithTrace } from './span.ts';

function lineOf(write: (logger: Logger) => void): Record<string, unknown> {
  let line = '';
  write(
    createLogger({
      service: 'test',
      level: 'info',
      destination: {
        write: (text) => {
          line += text;
        },
      },
    }),
  );
  return JSON.parse(line) as Record<string, unknown>;
}

test.each([
  'access_token',
  'accessToken',
  'refreshToken',
  'id_token',
  'tokens',
  'client_secret',
  'code',
  'state',
  'cookie',
  'authorization',
  'set-cookie',
  'email',
  'to',
])('a field named %s is blanked', (name) => {
  const line = lineOf((logger) => logger.info({ [name]: 'hush' }, 'said'));
  expect(line[name]).toBe('[redacted]');
});

test.each(['accessToken', 'set-cookie', 'email', 'clientSecret'])(
  'a field named %s is blanked inside another, and in the fields of a child logger',
  (name) => {
    const nested = lineOf((logger) => logger.info({ request: { [name]: 'hush' } }, 'said'));
    const child = lineOf((logger) => logger.child({ [name]: 'hush' }).info('said'));
    expect(JSON.stringify([nested, child])).not.toContain('hush');
  },
);

test.each(['err', 'error'])(
  'an error under %s shows its words and code, never other fields',
  (key) => {
    const cause = Object.assign(new Error('connect failed'), { code: 'ECONNREFUSED' });
    const error = Object.assign(
      new DomainError('unavailable', 'VAULT_DOWN', 'no vault', { cause }),
      {
        response: { body: 'refresh_token=hush' },
      },
    );
    const line = lineOf((logger) => logger.error({ [key]: error }, 'failed'));
    expect(line[key]).toMatchObject({
      type: 'DomainError',
      code: 'VAULT_DOWN',
      message: 'no vault',
      cause: 'Error (ECONNREFUSED): connect failed',
      stack: expect.stringContaining('logger.test.ts'),
    });
    expect(JSON.stringify(line)).not.toContain('hush');
  },
);

test('an error code in words is left alone', () => {
  expect(lineOf((logger) => logger.info({ error: 'invalid_grant' }, 'refused'))).toMatchObject({
    error: 'invalid_grant',
  });
});

test('a line carries the service, the time and the trace', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const line = lineOf((logger) =>
    runWithTrace(`00-${traceId}-b7ad6b7169203331-01`, () => logger.info('said')),
  );
  expect(line).toMatchObject({ service: 'test', trace_id: traceId, msg: 'said' });
  expect(Date.parse(String(line['time']))).not.toBeNaN();
});
