import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'vitest';
import { startGatewayWorld } from './testing/gateway-world.ts';

/** Browsers open such connections ahead of need. Node counts them as active until a first request (nodejs/node `ConnectionsList`). */
test('a connection that never sent a request does not hold up a stop', async () => {
  const world = await startGatewayWorld({ closeWithinMs: 200 });
  const { hostname, port } = new URL(world.address);
  const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''));
  await once(socket, 'connect');
  // Answered on another connection, so the server has accepted the silent one before.
  await world.fetch('/openapi.json');
  const closed = once(socket, 'close');
  await world.stopGateway();
  await closed;
  await world.stop();
});
