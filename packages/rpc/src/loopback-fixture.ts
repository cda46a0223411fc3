import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetMailResponse,
  NotificationServiceService,
} from '@credential-renewal/proto/notification/v1/notification';
import { createLogger } from '@credential-renewal/runtime';
import { onTestFinished } from 'vitest';
import { createRpcClient } from './rpc-client.ts';
import { createRpcServer, type RpcServerOptions } from './rpc-server.ts';
import type { RpcHandlers } from './rpc-types.ts';
import { serve } from './served-service.ts';

type Handlers = RpcHandlers<typeof NotificationServiceService>;

/** For tests: a socket address in a directory that vanishes after the test. */
export function socketAddress(): string {
  const directory = mkdtempSync(join(tmpdir(), 'rpc-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return `unix:${join(directory, 's')}`;
}

/** For tests: a logger and the lines it has written, parsed. */
export function recordingLogger() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  return {
    lines,
    logger: createLogger({ service: 'test', level: 'debug', destination: { write } }),
  };
}

/** For tests: a real server whose `getMail` is the given function, a client of it, and what the server logged. */
export async function startLoopback(
  getMail: Handlers['getMail'],
  options: Partial<RpcServerOptions> & { deadlineMs?: number } = {},
) {
  const { lines, logger } = recordingLogger();
  const handlers: Handlers = {
    getMail,
    listMails: async () => ({ mails: [], nextPageToken: '' }),
  };
  const { deadlineMs = 5_000, ...serverOptions } = options;
  const server = await createRpcServer({
    name: 'notification',
    address: socketAddress(),
    logger,
    services: [serve(NotificationServiceService, handlers)],
    drainTimeoutMs: 2_000,
    ...serverOptions,
  });
  const client = createRpcClient(NotificationServiceService, server.address, { deadlineMs });
  onTestFinished(async () => {
    client.close();
    await server.stop();
  });
  return { server, client, lines };
}

/** For tests: an answer of `getMail` that says `text`. */
export function mailSaying(text: string): GetMailResponse {
  return GetMailResponse.fromPartial({ mail: { id: 'mail-1', text } });
}
