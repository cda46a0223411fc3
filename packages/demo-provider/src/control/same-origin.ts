import type { FastifyReply, FastifyRequest } from 'fastify';

/** Lets the control page and plain HTTP clients in, and no other site that a browser has open. */
export async function refuseOtherSites(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const sameOrigin = origin === undefined || origin === `http://${host}`;
  const sameSite = site === undefined || site === 'same-origin' || site === 'none';
  if (sameOrigin && sameSite) return undefined;
  return reply
    .code(403)
    .send({ error: 'cross_site', message: 'the demo world is only controlled from its own page' });
}
