/**
 * The gateway's HTTP types: what validates requests, what OpenAPI shows, and what the pages know of the server.
 * JSON, camelCase, times as RFC 3339 UTC.
 */
export * from './authorization.ts';
export * from './authorized-connection.ts';
export * from './connector.ts';
export * from './credential.ts';
export * from './delivery.ts';
export * from './drill.ts';
export * from './live-event.ts';
export * from './page.ts';
export * from './preferences.ts';
export * from './problem.ts';
export * from './source.ts';
export * from './user.ts';
export * from './workspace.ts';
