import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import {
  type DescribeCredentialUsesRequest,
  type DescribeCredentialUsesResponse,
  SourceRegistryServiceService,
} from '@credential-renewal/proto/source_registry/v1/source_registry';
import { createRpcClient, createRpcServer, serve } from '@credential-renewal/rpc';
import { createLogger, createShiftableClock } from '@credential-renewal/runtime';
import { onTestFinished } from 'vitest';

/** A short temporary directory that vanishes after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'notify-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A clock that stands still until it is moved. */
export function standingClock(atMs: number) {
  return createShiftableClock({ nowMs: () => atMs });
}

export function recordingLogger() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  return {
    lines,
    logger: createLogger({ service: 'notification', level: 'debug', destination: { write } }),
  };
}

/** A real gRPC server on a unix socket that knows one RPC of the registry. */
export async function startFakeRegistry(
  answer: (
    request: DescribeCredentialUsesRequest,
  ) => DescribeCredentialUsesResponse | Promise<DescribeCredentialUsesResponse>,
) {
  const calls: DescribeCredentialUsesRequest[] = [];
  const { describeCredentialUses } = SourceRegistryServiceService;
  const server = await createRpcServer({
    name: 'source-registry',
    address: `unix:${join(temporaryDirectory(), 'registry')}`,
    logger: recordingLogger().logger,
    services: [
      serve(
        { describeCredentialUses },
        {
          async describeCredentialUses(request) {
            calls.push(request);
            return answer(request);
          },
        },
      ),
    ],
  });
  onTestFinished(() => server.stop());
  return { address: server.address, calls };
}

export function notificationClient(address: string) {
  const client = createRpcClient(NotificationServiceService, address, { deadlineMs: 5_000 });
  onTestFinished(() => client.close());
  return client;
}
