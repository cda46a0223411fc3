import { InputInvalidError } from '@credential-renewal/runtime';
import { type UseStatus, useStatuses } from './use-status.ts';

/** Reads the `status` of a list request; empty: all. Errors: INPUT_INVALID naming it. */
export function readStatus(text: string): UseStatus | undefined {
  if (text === '') return undefined;
  const status = useStatuses.find((candidate) => candidate === text);
  if (status) return status;
  throw new InputInvalidError([
    { field: 'status', description: `must be one of ${useStatuses.join(', ')}` },
  ]);
}
