import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { type BrokerUnderTest, newBrowserSecret } from './broker-under-test.ts';

export type Begun = { id: string; redirectUrl: string; state: string; browserSecret: string };

/** Ada begins the first authorization of a new source. */
export async function beginFirst(
  { rpc, registry }: BrokerUnderTest,
  sourceId = 'reports',
  connectorId = 'orchard-drive',
  parameters?: Record<string, string>,
): Promise<Begun> {
  registry.add({ id: sourceId, connectorId });
  const { authorization } = await rpc.startAuthorization({
    userId: 'ada',
    use: { $case: 'sourceId', value: sourceId },
    returnTo: '/my-sources',
    parameters: parameters && { values: parameters },
  });
  return begin(rpc, authorization?.id ?? '');
}

/** Ada begins to renew a source whose credential is dead. */
export async function beginRenewal({
  rpc,
  registry,
  vault,
}: BrokerUnderTest): Promise<Begun & { credentialId: string }> {
  const credential = vault.add({ status: CredentialStatus.EXPIRED });
  registry.add({ id: 'reports', credentialId: credential.id });
  const { authorization } = await rpc.startRenewal({
    userId: 'ada',
    entryPoint: { $case: 'mySources', value: { sourceId: 'reports' } },
    returnTo: '/my-sources',
    switchIdentity: false,
  });
  return { ...(await begin(rpc, authorization?.id ?? '')), credentialId: credential.id };
}

export async function begin(rpc: BrokerUnderTest['rpc'], id: string): Promise<Begun> {
  const browserSecret = newBrowserSecret();
  const begun = await rpc.beginAuthorization({
    authorizationId: id,
    userId: 'ada',
    browserSecret,
  });
  return { id, browserSecret, ...begun };
}

export function complete(
  { rpc }: BrokerUnderTest,
  begun: Begun,
  callbackQuery: string,
  as: { userId?: string; browserSecret?: string; redirectProviderId?: string } = {},
) {
  return rpc.completeAuthorization({
    callbackQuery,
    userId: 'ada',
    browserSecret: begun.browserSecret,
    ...as,
  });
}
