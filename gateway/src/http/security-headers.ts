import helmet from '@fastify/helmet';
import type { App } from './app-type.ts';

/**
 * What a page may load and who may frame it. Styles are inline because the component library sets them so; scripts never are. HSTS only where
 * there is TLS: on plain HTTP it means nothing, and on localhost it would lock out other programs. Sibling hosts are not ours to decide for.
 */
export async function useSecurityHeaders(app: App, publicUrl: URL): Promise<void> {
  const https = publicUrl.protocol === 'https:';
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: https
      ? { maxAge: 365 * 24 * 60 * 60, includeSubDomains: false }
      : false,
    // `same-origin`, not `no-referrer`: with the latter browsers send `Origin: null` with a form, and our own forms would be refused.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
}
