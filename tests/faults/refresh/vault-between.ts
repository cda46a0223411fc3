import {
  type AcquireLeasesRequest,
  type CompleteAttemptsRequest,
  CredentialVaultServiceService,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { createRpcClient, createRpcServer, type RpcHandlers, serve } from '@credential-renewal/rpc';
import { DomainError, type Logger } from '@credential-renewal/runtime';

type Handlers = RpcHandlers<typeof CredentialVaultServiceService>;
export type VaultMethod = Exclude<keyof Handlers, 'acquireLeases' | 'completeAttempts'>;

export type VaultBetween = {
  address: string;
  /** Held before the vault hears it, or after it has answered; what a hold waits for never comes when the caller crashes. */
  hold: { method: VaultMethod; when: 'before' | 'after'; until: Promise<void> } | undefined;
  /** How many calls the hold has caught; one of several counts as so many. */
  held(): number;
  /** How many calls of this RPC the vault has answered, whatever it said; one of several counts as so many. */
  answered(method: VaultMethod): number;
  /** Nothing more gets through in either direction: the caller is as good as dead. */
  cut(): void;
  /** Ends what a dead caller still waits for. */
  bury(): void;
  stop(): Promise<void>;
};

const longMs = 60_000;

type Asked = { method: VaultMethod; times: number };

/** A call of several is so many calls of one. */
function askedWith(method: keyof Handlers, request: unknown): Asked {
  switch (method) {
    case 'acquireLeases':
      return { method: 'acquireLease', times: (request as AcquireLeasesRequest).leases.length };
    case 'completeAttempts':
      return {
        method: 'completeAttempt',
        times: (request as CompleteAttemptsRequest).attempts.length,
      };
    default:
      return { method, times: 1 };
  }
}

/** Stands between one broker and the vault, over real gRPC. */
export async function startVaultBetween(options: {
  vaultAddress: string;
  listenAddress: string;
  logger: Logger;
}): Promise<VaultBetween> {
  const vault = createRpcClient(CredentialVaultServiceService, options.vaultAddress, {
    deadlineMs: longMs,
  });
  // What a dead caller waits for; it is told that it was overtaken when all is over, so that it need not drain.
  const buried = Promise.withResolvers<never>();
  buried.promise.catch(() => undefined);
  let isCut = false;
  let held = 0;
  const answered = new Map<VaultMethod, number>();

  async function waitFor({ method, times }: Asked, when: 'before' | 'after'): Promise<void> {
    const { hold } = between;
    if (hold?.method === method && hold.when === when) {
      held += times;
      await Promise.race([hold.until, buried.promise]);
    }
    if (isCut) await buried.promise;
  }

  const handlers: unknown = Object.fromEntries(
    Object.keys(CredentialVaultServiceService).map((name) => {
      const call = vault[name as VaultMethod] as (request: unknown) => Promise<unknown>;
      return [
        name,
        async (request: unknown) => {
          if (isCut) await buried.promise;
          const asked = askedWith(name as keyof Handlers, request);
          const { method, times } = asked;
          await waitFor(asked, 'before');
          const response = await call(request).finally(() =>
            answered.set(method, (answered.get(method) ?? 0) + times),
          );
          await waitFor(asked, 'after');
          return response;
        },
      ];
    }),
  );
  const server = await createRpcServer({
    name: 'vault between',
    address: options.listenAddress,
    logger: options.logger,
    services: [serve(CredentialVaultServiceService, handlers as Handlers)],
    drainTimeoutMs: 50,
  });

  const between: VaultBetween = {
    address: server.address,
    hold: undefined,
    held: () => held,
    answered: (method) => answered.get(method) ?? 0,
    cut: () => {
      isCut = true;
    },
    bury: () =>
      buried.reject(new DomainError('aborted', 'ATTEMPT_SUPERSEDED', 'The test is over.')),
    stop: async () => {
      await server.stop();
      vault.close();
    },
  };
  return between;
}
