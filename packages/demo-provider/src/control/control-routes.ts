import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DemoProvider, WithdrawalReason } from '../providers/demo-provider.ts';
import { type AnswerMode, answerModes } from '../token-endpoint.ts';
import { refuseOtherSites } from './same-origin.ts';
import type { WorldControls } from './world-controls.ts';

const text = { type: 'string', minLength: 1, maxLength: 200 };
const reason = {
  type: 'string',
  enum: ['withdrawn', 'token_revoked', 'account_inactive', 'authorization_not_found'],
  default: 'withdrawn',
};

function bodyOf(properties: object, required: string[] = []) {
  // A POST without a body is fine where nothing is required.
  const type = required.length > 0 ? 'object' : ['object', 'null'];
  return { body: { type, properties, required, additionalProperties: false } };
}

/**
 * The JSON calls below `/control`. A form of the control page is answered with a redirect back to the page instead of
 * the JSON.
 */
export function registerControlRoutes(app: FastifyInstance, controls: WorldControls): void {
  app.register(
    async (scope: FastifyInstance) => {
      scope.addHook('onRequest', refuseOtherSites);
      scope.setNotFoundHandler(async (_request, reply) =>
        notFound(reply, 'there is no such control call'),
      );
      registerReads(scope, controls);
      registerGrantCalls(scope, controls);
      registerProviderCalls(scope, controls);
      registerWorldCalls(scope, controls);
    },
    { prefix: '/control' },
  );
}

function registerReads(scope: FastifyInstance, controls: WorldControls): void {
  scope.get('/state', () => controls.state());
  scope.get('/counters', async () => controls.counters());
  scope.get<{ Querystring: { provider?: string; account?: string; alive?: boolean } }>(
    '/grants',
    {
      schema: {
        querystring: {
          type: 'object',
          properties: { provider: text, account: text, alive: { type: 'boolean' } },
          additionalProperties: false,
        },
      },
    },
    async (request) => ({ items: controls.grants(request.query) }),
  );
  scope.get<{ Querystring: { to?: string } }>(
    '/mailbox',
    { schema: { querystring: { type: 'object', properties: { to: text } } } },
    async (request) => ({ items: await controls.mailbox.list(request.query) }),
  );
  scope.get<{ Params: { id: string } }>('/mailbox/:id', async (request, reply) => {
    const mail = await controls.mailbox.get(request.params.id);
    return mail ?? notFound(reply, 'there is no mail with this id');
  });
}

function registerGrantCalls(scope: FastifyInstance, controls: WorldControls): void {
  scope.post<{ Params: { id: string }; Body: { reason: WithdrawalReason } | null }>(
    '/grants/:id/withdraw',
    { schema: bodyOf({ reason }) },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await controls.withdraw(id, request.body?.reason ?? 'withdrawn'))) {
        return notFound(reply, 'there is no grant with this id');
      }
      return answer(request, reply, { withdrawn: 1 });
    },
  );
  scope.post<{ Body: { provider: string; account?: string; reason: WithdrawalReason } }>(
    '/grants/withdraw',
    { schema: bodyOf({ provider: text, account: text, reason }, ['provider']) },
    async (request, reply) => {
      const { provider, account, reason: why } = request.body;
      if (!controls.provider(provider)) return notFound(reply, 'there is no such provider');
      const withdrawn = await controls.withdrawAll({ provider, account }, why);
      return answer(request, reply, { withdrawn });
    },
  );
}

function registerProviderCalls(scope: FastifyInstance, controls: WorldControls): void {
  function withProvider<B>(
    path: string,
    schema: object,
    act: (provider: DemoProvider, body: B) => Promise<object | undefined>,
  ): void {
    scope.post<{ Params: { id: string } }>(
      `/providers/:id/${path}`,
      { schema },
      async (request, reply) => {
        const provider = controls.provider(request.params.id);
        if (!provider) return notFound(reply, 'there is no such provider');
        const result = await act(provider, request.body as B);
        if (result) return answer(request, reply, result);
        return reply
          .code(409)
          .send({ error: 'no_such_tokens', message: 'this provider has no tokens that expire' });
      },
    );
  }
  const expired = (count: number | undefined) =>
    count === undefined ? undefined : { expired: count };

  withProvider('expire-access-tokens', bodyOf({}), async (provider) =>
    expired(await provider.expireAccessTokens()),
  );
  withProvider('expire-refresh-tokens', bodyOf({}), async (provider) =>
    expired(await provider.expireRefreshTokens()),
  );
  withProvider<{ mode: AnswerMode; times?: number; delayMs?: number }>(
    'mode',
    bodyOf(
      {
        mode: { type: 'string', enum: answerModes },
        times: { type: 'integer', minimum: 1, maximum: 10_000 },
        delayMs: { type: 'integer', minimum: 0, maximum: 600_000 },
      },
      ['mode'],
    ),
    async (provider, body) => {
      provider.tokenEndpoint.set(body);
      return { mode: body.mode };
    },
  );
  withProvider<{ scopes: string[] } | null>(
    'narrow',
    bodyOf({ scopes: { type: 'array', items: text, maxItems: 20 } }),
    async (provider, body) => {
      provider.narrowScopes(body?.scopes);
      return { narrowedScopes: body?.scopes ?? null };
    },
  );
}

function registerWorldCalls(scope: FastifyInstance, controls: WorldControls): void {
  scope.post<{ Body: { advanceSeconds: number } }>(
    '/clock',
    {
      schema: bodyOf(
        { advanceSeconds: { type: 'number', exclusiveMinimum: 0, maximum: 10 * 365 * 86_400 } },
        ['advanceSeconds'],
      ),
    },
    async (request, reply) => {
      await controls.advanceClock(request.body.advanceSeconds * 1000);
      return answer(request, reply, { now: new Date(controls.nowMs()).toISOString() });
    },
  );
  scope.post<{ Body: { paused: boolean } }>(
    '/worker',
    { schema: bodyOf({ paused: { type: 'boolean' } }, ['paused']) },
    async (request, reply) => {
      controls.setWorkerPaused(request.body.paused);
      return answer(request, reply, { paused: controls.workerPaused() });
    },
  );
}

function answer(request: FastifyRequest, reply: FastifyReply, result: object) {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return isForm ? reply.redirect('/', 303) : reply.send(result);
}

function notFound(reply: FastifyReply, message: string) {
  return reply.code(404).send({ error: 'not_found', message });
}
