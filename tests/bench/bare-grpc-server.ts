import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OauthBrokerServiceService } from '@credential-renewal/proto/oauth_broker/v1/oauth_broker';
import { Server, ServerCredentials } from '@grpc/grpc-js';

/** grpc-js and nothing else, in a process of its own: answers every token read with the same message. */
export async function startBareServer(): Promise<{ address: string; stop(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'cr-bench-'));
  const address = `unix:${join(directory, 'bare')}`;
  const child = fork(import.meta.filename, [address]);
  await once(child, 'message');
  return {
    address,
    async stop() {
      child.kill();
      await once(child, 'close');
      rmSync(directory, { recursive: true });
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const { getAccessToken } = OauthBrokerServiceService;
  const server = new Server();
  const response = {
    accessToken: 'x'.repeat(43),
    tokenHash: 'y'.repeat(43),
    expiresAt: new Date(),
    credentialId: 'z'.repeat(36),
    kept: {},
  };
  server.addService(
    { getAccessToken },
    {
      getAccessToken: (_call: unknown, done: (error: null, value: typeof response) => void) =>
        done(null, response),
    },
  );
  server.bindAsync(process.argv[2] ?? '', ServerCredentials.createInsecure(), (error) => {
    if (error) throw error;
    process.send?.('ready');
  });
}
