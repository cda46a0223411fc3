import type { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import type { ConnectorRef } from '@credential-renewal/proto/source_registry/v1/source_registry';
import type { RouteDeps } from './route-deps.ts';

/** A page waits no longer for it. */
const deadlineMs = 2_000;

type Use = {
  accountId: string;
  connector?: ConnectorRef | undefined;
  credential?: CredentialState | undefined;
};

/**
 * What a release has come to need of these sources or connections of one account, as a question about each. Where it cannot be found
 * out, nobody is asked for anything: the page itself is worth more.
 */
export async function readScopeUpgrades(
  { broker, logger }: Pick<RouteDeps, 'broker' | 'logger'>,
  shown: readonly Use[],
): Promise<(use: Use) => string[]> {
  const uses = shown.flatMap(({ connector, credential }) =>
    connector && credential
      ? [{ credentialId: credential.credentialId, connectorId: connector.id }]
      : [],
  );
  const accountId = shown[0]?.accountId;
  if (uses.length === 0 || accountId === undefined) return () => [];
  try {
    const { upgrades } = await broker.listScopeUpgrades({ accountId, uses }, { deadlineMs });
    const known = new Map(
      upgrades.map((upgrade) => [
        keyOf(upgrade.credentialId, upgrade.connectorId),
        upgrade.missingScopes,
      ]),
    );
    return ({ connector, credential }) =>
      known.get(keyOf(credential?.credentialId, connector?.id)) ?? [];
  } catch (err) {
    logger.warn({ err }, 'whether more access is needed cannot be told');
    return () => [];
  }
}

function keyOf(credentialId = '', connectorId = ''): string {
  return `${credentialId} ${connectorId}`;
}
