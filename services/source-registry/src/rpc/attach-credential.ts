import { checkInput } from '@credential-renewal/rpc';
import { checkCredentialState } from '../credential-state-input.ts';
import { attachCredential as attach } from '../credential-states.ts';
import { ConnectionNotFoundError, SourceNotFoundError } from '../errors.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { checkUseChoice, readUseChoice } from '../use-reference.ts';

/** May be repeated. A use that has another credential gets this one: its renewal joined it (semantics 20). */
export function attachCredential(deps: RegistryDeps): RegistryHandler<'attachCredential'> {
  return async ({ use, state }) => {
    checkInput((check) => {
      checkUseChoice(check, 'use', use);
      checkCredentialState(check, state);
    });
    if (!state) throw new TypeError('unreachable: the check wants a state');
    const { kind, id } = readUseChoice(use);
    if (await attach(deps, kind, id, state)) return {};
    throw kind === 'source' ? new SourceNotFoundError(id) : new ConnectionNotFoundError(id);
  };
}
