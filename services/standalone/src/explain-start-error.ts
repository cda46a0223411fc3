import type { StandaloneConfig } from './config.ts';

/** What kept us from starting, for a person at a terminal; undefined: nothing we know, so the error itself is shown. */
export function explainStartError(
  error: unknown,
  config: StandaloneConfig | undefined,
): string | undefined {
  const { code, port } = error as { code?: unknown; port?: unknown };
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program. ${portAdvice(Number(port), config)}`;
  }
  if (code === 'EACCES' && typeof port === 'number') {
    return `Port ${port} needs rights that this user does not have. ${portAdvice(port, config)}`;
  }
  if (code === 'EVENT_LOG_IN_USE' || code === 'DATABASE_IN_USE') {
    return `DATA_DIR (${config?.dataDirectory}) is in use by another running copy. Stop that one, or start with another directory: DATA_DIR=elsewhere npm start`;
  }
  return undefined;
}

function portAdvice(port: number, config: StandaloneConfig | undefined): string {
  const variable =
    port === config?.demoPort
      ? 'DEMO_PORT'
      : port === config?.internalPort
        ? 'INTERNAL_PORT'
        : 'PORT';
  // The demo world's people are known by its address, so other ports want a directory of their own.
  const directory = variable === 'INTERNAL_PORT' ? '' : ` DATA_DIR=data-${port + 1000}`;
  return `Stop that program or choose another port: ${variable}=${port + 1000}${directory} npm start`;
}
