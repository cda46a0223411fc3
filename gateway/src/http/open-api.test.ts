import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayWorld, startGatewayWorld } from '../testing/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterAll(() => world.stop());

type Operation = {
  responses: Record<string, unknown>;
  parameters?: { in: string; name: string; required?: boolean }[];
};
type Document = { openapi: string; paths: Record<string, Record<string, Operation>> };

test('the document describes every call of the API', async () => {
  const response = await world.fetch('/openapi.json');
  expect(response.status).toBe(200);
  const document = (await response.json()) as Document;
  expect(document.openapi).toBe('3.1.0');
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(calls.sort()).toEqual(
    [
      'DELETE /api/v1/authorized-connections/{connectionId}',
      'DELETE /api/v1/authorized-connections/{connectionId}/drills/{drillId}',
      'DELETE /api/v1/sources/{sourceId}',
      'DELETE /api/v1/sources/{sourceId}/drills/{drillId}',
      'GET /api/v1/authorizations/{id}',
      'GET /api/v1/authorized-connections',
      'GET /api/v1/authorized-connections/{connectionId}',
      'GET /api/v1/authorized-connections/{connectionId}/deliveries',
      'GET /api/v1/authorized-connections/{connectionId}/history',
      'GET /api/v1/authorized-connections/{connectionId}/drills',
      'GET /api/v1/connectors',
      'GET /api/v1/events',
      'GET /api/v1/me',
      'GET /api/v1/me/notification-preferences',
      'GET /api/v1/my-sources',
      'GET /api/v1/sources/{sourceId}',
      'GET /api/v1/sources/{sourceId}/deliveries',
      'GET /api/v1/sources/{sourceId}/history',
      'GET /api/v1/sources/{sourceId}/drills',
      'GET /api/v1/users',
      'GET /api/v1/workspaces',
      'GET /api/v1/workspaces/{workspaceId}',
      'GET /api/v1/workspaces/{workspaceId}/sources',
      'PATCH /api/v1/users/{userId}',
      'POST /api/v1/authorizations/{id}/cancel',
      'POST /api/v1/authorized-connections',
      'POST /api/v1/authorized-connections/{connectionId}/renewals',
      'POST /api/v1/authorized-connections/{connectionId}/drills',
      'POST /api/v1/authorized-connections/{connectionId}/drills/{drillId}/reactions',
      'POST /api/v1/my-sources/{sourceId}/renewals',
      'POST /api/v1/sources',
      'POST /api/v1/sources/{sourceId}/drills',
      'POST /api/v1/sources/{sourceId}/drills/{drillId}/reactions',
      'POST /api/v1/workspaces',
      'POST /api/v1/workspaces/{workspaceId}/sources/{sourceId}/renewals',
      'POST /api/v1/workspaces/{workspaceId}/sources/{sourceId}/take-over',
      'PUT /api/v1/authorized-connections/{connectionId}/sharing',
      'PUT /api/v1/me/notification-preferences',
      'PUT /api/v1/workspaces/{workspaceId}/members/{userId}',
    ].sort(),
  );
  for (const [path, methods] of Object.entries(document.paths))
    for (const operation of Object.values(methods))
      expect(Object.keys(operation.responses), path).toEqual(
        expect.arrayContaining(['4XX', '5XX']),
      );
});

test('every parameter of a path is declared', async () => {
  const { paths } = (await (await world.fetch('/openapi.json')).json()) as Document;
  for (const [path, methods] of Object.entries(paths)) {
    const named = [...path.matchAll(/{(\w+)}/g)].map((match) => match[1]);
    for (const { parameters = [] } of Object.values(methods)) {
      const declared = parameters.filter(
        (parameter) => parameter.in === 'path' && parameter.required,
      );
      expect(declared.map(({ name }) => name).sort(), path).toEqual(named.sort());
    }
  }
});

test('the document is shown under /docs', async () => {
  const response = await world.fetch('/docs/');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/html');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("script-src 'self';");
  // On localhost there is no https to upgrade to.
  expect(policy).not.toContain('upgrade-insecure-requests');
});
