import type { KoaContextWithOIDC } from 'oidc-provider';
import { oidcRoutes } from '../oidc-mount.ts';
import type { TokenEndpoint } from '../token-endpoint.ts';

export type OidcQuirks = {
  /** Where the product is sent back to. */
  redirectUri: string;
  authentication: 'client_secret_basic' | 'client_secret_post';
  discovery: boolean;
  /** `iss` in the authorization answer (RFC 9207). */
  issuerParameter: boolean;
  /** Whether token answers say when they end. */
  expiresIn: boolean;
  accessTokenSeconds: number;
  refreshTokenSeconds: number;
  rotation: 'none' | 'single_use';
  graceSeconds: number;
  /** Path below the provider and answer of the identity call; undefined: only userinfo. */
  identityCall?: { path: string; answer: (account: { id: string; label: string }) => object };
};

/** Middleware: counts what comes to the token endpoint and lets it misbehave as it is set to. */
export async function serveTokenRequest(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
  endpoint: TokenEndpoint,
): Promise<void> {
  if (ctx.method === 'POST' && ctx.path === oidcRoutes.revocation) endpoint.countRevocation();
  if (ctx.method !== 'POST' || ctx.path !== oidcRoutes.token) return next();
  await endpoint.serve(async ({ mode, earlyAnswer, delay }) => {
    if (earlyAnswer) {
      endpoint.countRequest(new URLSearchParams(await readBody(ctx.req)).get('grant_type'));
      ctx.status = earlyAnswer.status;
      ctx.set(earlyAnswer.headers);
      ctx.body = earlyAnswer.body;
      return;
    }
    await next();
    endpoint.countRequest(ctx.oidc?.params?.['grant_type']);
    await delay();
    if (mode === 'cut') {
      ctx.respond = false;
      ctx.req.socket.destroy();
    }
  });
}

async function readBody(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Middleware: takes out of the answers what this provider does not say. */
export async function applyQuirks(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
  quirks: OidcQuirks,
): Promise<void> {
  await next();
  if (!quirks.expiresIn && ctx.path === oidcRoutes.token && ctx.body) {
    delete (ctx.body as Record<string, unknown>)['expires_in'];
  }
  const location: string = ctx.response.get('location') ?? '';
  if (!quirks.issuerParameter && location.startsWith(quirks.redirectUri)) {
    const url = new URL(location);
    url.searchParams.delete('iss');
    ctx.set('location', url.href);
  }
}
