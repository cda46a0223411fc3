import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { Client, credentials, experimental, Metadata } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { mailSaying, startLoopback } from './loopback-fixture.ts';
import { createReplicasResolver } from './replicas-resolver.ts';

test('a call waits for a service whose name is not in DNS yet', async () => {
  let asked = 0;
  const resolver = createReplicasResolver(async () => {
    asked += 1;
    if (asked < 5) throw new Error('ENOTFOUND');
    return ['127.0.0.1'];
  });
  experimental.registerResolver('late', resolver);
  const { server } = await startLoopback(async () => mailSaying('at last'), {
    address: '127.0.0.1:0',
  });
  const port = server.address.split(':')[1];
  const client = new Client(`late:///notification.example:${port}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 5,
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  });
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = NotificationServiceService.getMail;
  const answer = await new Promise<ReturnType<typeof responseDeserialize> | undefined>(
    (resolve, reject) =>
      client.makeUnaryRequest(
        ...([path, requestSerialize, responseDeserialize, { mailId: 'mail-1' }] as const),
        new Metadata({ waitForReady: true }),
        { deadline: Date.now() + 5_000 },
        (error, response) => (error ? reject(error) : resolve(response)),
      ),
  );
  expect(answer?.mail?.text).toBe('at last');
  expect(asked).toBe(5);
});
