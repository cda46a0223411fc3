import { NotificationServiceService } from '@credential-renewal/proto/notification/v1/notification';
import { onTestFinished } from 'vitest';
import type { Caller } from '../callers.ts';
import { mailSaying, recordingLogger } from '../loopback-fixture.ts';
import { createRpcClient } from '../rpc-client.ts';
import { createRpcServer, type RpcServerOptions } from '../rpc-server.ts';
import type { RpcHandlers } from '../rpc-types.ts';
import { serve } from '../served-service.ts';
import { directoryOf } from './certificate-fixture.ts';
import { openRpcIdentity } from './rpc-identity.ts';

type Handlers = RpcHandlers<typeof NotificationServiceService>;

/** For tests: the identity that the files of a directory give a process. */
export function identityIn(
  directory: string,
  name: string,
  more: Partial<Parameters<typeof openRpcIdentity>[0]> = {},
) {
  const { logger, lines } = recordingLogger();
  const identity = openRpcIdentity({ name, directory, logger, reloadMs: 10, ...more });
  onTestFinished(() => identity.close());
  return Object.assign(identity, { lines });
}

export const identityOf = (name: string) => identityIn(directoryOf(name), name);

/** For tests: a server over TLS that answers a mail with the name of the caller, and lists mails for nobody but the gateway. */
export async function startSecured(
  options: Partial<RpcServerOptions> & { getMail?: Handlers['getMail'] } = {},
) {
  const { logger, lines } = recordingLogger();
  const readers: readonly Caller[] = ['operator', 'worker'];
  const answer: Handlers['getMail'] = async (_, { caller }) => mailSaying(caller?.name ?? 'nobody');
  const { getMail = answer, ...serverOptions } = options;
  const server = await createRpcServer({
    ...{ name: 'notification', address: '127.0.0.1:0', logger, drainTimeoutMs: 2_000 },
    services: [
      serve(
        NotificationServiceService,
        { getMail, listMails: async () => ({ mails: [], nextPageToken: '' }) },
        { getMail: readers, listMails: ['gateway'] },
      ),
    ],
    identity: identityOf('notification'),
    ...serverOptions,
  });
  onTestFinished(() => server.stop());
  return { server, lines };
}

export function clientOf(
  address: string,
  identity: ReturnType<typeof identityIn> | undefined,
  deadlineMs = 5_000,
) {
  const client = createRpcClient(NotificationServiceService, address, { deadlineMs, identity });
  onTestFinished(() => client.close());
  return client;
}
