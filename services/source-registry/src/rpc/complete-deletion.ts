import { checkInput } from '@credential-renewal/rpc';
import { completeDeleting } from '../deletion.ts';
import type { RegistryDeps } from '../registry-deps.ts';
import type { RegistryHandler } from '../registry-handler.ts';
import { checkUseChoice, readUseChoice } from '../use-reference.ts';

/** May be repeated: what is gone already is no error. */
export function completeDeletion(deps: RegistryDeps): RegistryHandler<'completeDeletion'> {
  return async ({ use }) => {
    checkInput((check) => checkUseChoice(check, 'use', use));
    const { kind, id } = readUseChoice(use);
    await deps.changes.change(id, (current) =>
      current.kind === kind ? completeDeleting(current) : undefined,
    );
    return {};
  };
}
