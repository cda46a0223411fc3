import type { Use } from './use.ts';

/** The `oneof use` of the requests that name a source or a connection. */
export type UseChoice =
  | { $case: 'sourceId'; value: string }
  | { $case: 'authorizedConnectionId'; value: string };

export type UseReference = { kind: Use['kind']; id: string };

/** The use that a checked request names. */
export function readUseChoice(choice: UseChoice | undefined): UseReference {
  return {
    kind: choice?.$case === 'authorizedConnectionId' ? 'connection' : 'source',
    id: choice?.value ?? '',
  };
}

/** Checks `oneof use`; `check` is the one of `checkInput`. */
export function checkUseChoice(
  check: {
    id(field: string, value: string): void;
    oneof(field: string, value: UseChoice | undefined): void;
  },
  field: string,
  choice: UseChoice | undefined,
): void {
  check.oneof(field, choice);
  if (!choice) return;
  check.id(choice.$case === 'sourceId' ? 'source_id' : 'authorized_connection_id', choice.value);
}
