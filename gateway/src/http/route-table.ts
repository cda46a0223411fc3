import type { FastifyInstance } from 'fastify';

export type RouteTable = {
  /** The methods that the path knows; empty: the path itself is unknown. */
  methodsOf(path: string): string[];
};

/** Remembers every route that is registered after it, to tell an unknown path from an unsupported method. */
export function createRouteTable(app: FastifyInstance): RouteTable {
  const routes: { expression: RegExp; methods: string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const methods = [method].flat().filter((name) => name !== 'OPTIONS');
    if (!url.includes('*') && methods.length > 0)
      routes.push({ expression: expressionOf(url), methods });
  });
  return {
    methodsOf(path) {
      const methods = routes.filter((route) => route.expression.test(path));
      return [...new Set(methods.flatMap((route) => route.methods))].sort();
    },
  };
}

/** `/sources/:sourceId` -> one segment in the place of the parameter. */
function expressionOf(url: string): RegExp {
  const pattern = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${pattern}$`);
}
