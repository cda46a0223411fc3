import { checkInput } from '@credential-renewal/rpc';
import { checkCredentialState } from '../credential-state-input.ts';
import { applyCredentialState as apply } from '../credential-states.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';

export function applyCredentialState(deps: RegistryDeps): RegistryHandler<'applyCredentialState'> {
  return async ({ state, accountSwitched }) => {
    checkInput((check) => checkCredentialState(check, state));
    if (!state) throw new TypeError('unreachable: the check wants a state');
    await apply(deps, state, { accountSwitched });
    return {};
  };
}
