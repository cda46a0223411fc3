import type { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import { actorNameOf } from './actor-name.ts';
import {
  withAttachedCredential,
  withCredentialState,
  withoutCredential,
} from './credential-change.ts';
import type { RegistryDeps } from './registry-deps.ts';
import type { Use } from './use.ts';

/** As many as one commit of the store takes well. */
const batchSize = 200;

/**
 * Brings a state to everything that uses the credential, a write each; may be broken off anywhere and be repeated in any
 * order. The state is remembered before the uses are looked for, and whoever gives a use a credential looks at what is
 * remembered afterwards: so whichever comes first, the use ends with the newer state.
 */
export async function applyCredentialState(
  deps: RegistryDeps,
  state: CredentialState,
  { accountSwitched = false }: { accountSwitched?: boolean } = {},
): Promise<void> {
  await deps.credentialStates.remember(state);
  const { accountId, credentialId, version } = state;
  const actorName = await actorNameOf(deps, state.actor, accountId);
  // The history of a switch is completed where the state itself has arrived already.
  const olderThan = accountSwitched ? undefined : version;
  await forEachUse(deps, { accountId, credentialId, olderThan }, (use) =>
    deps.changes.change(use.id, (current) =>
      withCredentialState(current, state, {
        actorName,
        nowMs: deps.clock.nowMs(),
        accountSwitched,
      }),
    ),
  );
}

/** Gives `useId` a credential; for a connection, also the sources that it backs. False: there is no such use. */
export async function attachCredential(
  deps: RegistryDeps,
  kind: Use['kind'],
  useId: string,
  state: CredentialState,
): Promise<boolean> {
  await deps.credentialStates.remember(state);
  const actorName = await actorNameOf(deps, state.actor, state.accountId);
  const attach = (id: string) =>
    deps.changes.change(id, (current) =>
      current.accountId === state.accountId
        ? withAttachedCredential(current, state, { actorName, nowMs: deps.clock.nowMs() })
        : undefined,
    );

  const use = await deps.uses.find(useId);
  if (use?.kind !== kind || use.accountId !== state.accountId) return false;
  if ((await attach(useId)) === undefined) return false;
  if (kind === 'connection') await forEachBackedSource(deps, useId, (id) => attach(id));
  await catchUp(deps, state.credentialId);
  return true;
}

/** After a use was given a credential: brings in a newer state that came before it. */
export async function catchUp(deps: RegistryDeps, credentialId: string): Promise<void> {
  const newest = await deps.credentialStates.find(credentialId);
  if (newest) await applyCredentialState(deps, newest);
}

/** The vault has forgotten the credential. What is being deleted is left alone: its own removal is under way. */
export async function forgetCredential(deps: RegistryDeps, credentialId: string): Promise<void> {
  const known = await deps.credentialStates.find(credentialId);
  if (known) {
    await forEachUse(deps, { accountId: known.accountId, credentialId }, (use) =>
      deps.changes.change(use.id, (current) =>
        withoutCredential(current, credentialId, deps.clock.nowMs()),
      ),
    );
  }
  await deps.credentialStates.forget(credentialId);
}

async function forEachUse(
  { uses }: RegistryDeps,
  which: { accountId: string; credentialId: string; olderThan?: bigint },
  visit: (use: Use) => Promise<unknown>,
): Promise<void> {
  let afterId: string | undefined;
  do {
    const batch = await uses.listUsesOfCredential({ ...which, afterId, limit: batchSize });
    await Promise.all(batch.map(visit));
    afterId = batch.length < batchSize ? undefined : batch.at(-1)?.id;
  } while (afterId !== undefined);
}

async function forEachBackedSource(
  { uses }: RegistryDeps,
  connectionId: string,
  visit: (sourceId: string) => Promise<unknown>,
): Promise<void> {
  let afterId: string | undefined;
  do {
    const batch = await uses.listBackedSources({ connectionId, afterId, limit: batchSize });
    await Promise.all(batch.map((source) => visit(source.id)));
    afterId = batch.length < batchSize ? undefined : batch.at(-1)?.id;
  } while (afterId !== undefined);
}
