import { DomainError } from '@credential-renewal/runtime';

/** Who can call: the services by their names, `worker` for each sync worker, `operator` for the commands and people who run the product. */
export const everyCaller = [
  'gateway',
  'oauth-broker',
  'credential-vault',
  'source-registry',
  'notification',
  'worker',
  'operator',
] as const;

export type Caller = (typeof everyCaller)[number];

/** For every method of a service who may call it. A method that is missing does not compile, and keeps the service from starting. */
export type CallersOf<D> = { readonly [M in keyof D]: readonly Caller[] };

/** Who made a call, as its certificate says. */
export type RpcCaller = {
  /** What it was let in as. */
  caller: Caller;
  /** Which one of them: `orders` for the certificate of `worker/orders`, else the same as `caller`. */
  name: string;
};

/** The certificate is good and names nobody who may call this method. */
export class CallerNotAllowedError extends DomainError {
  constructor(rpc: string, caller: string) {
    super('permission_denied', 'CALLER_NOT_ALLOWED', `${caller} may not call ${rpc}`, {
      metadata: { caller, rpc },
    });
  }
}
