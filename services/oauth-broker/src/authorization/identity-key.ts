import type { Authorization } from './authorization.ts';

type Place = Pick<Authorization, 'parameters'>;

/**
 * The key of an identity, with the host in front where a person said which one it is: user 42 of one is not user 42 of
 * another. A host that an operator has set is in no key, for it is the same for all of an account.
 */
export function placedKey(place: Place, key: string): string {
  return `${prefixOf(place)}${key}`;
}

/** The same without the host, as the provider said it; undefined: it is of another one. */
export function ownKey(place: Place, placed: string): string | undefined {
  const prefix = prefixOf(place);
  return placed.startsWith(prefix) ? placed.slice(prefix.length) : undefined;
}

/** By name, so that a file may be put in another order. */
function prefixOf({ parameters = {} }: Place): string {
  const names = Object.keys(parameters).sort();
  return names.map((name) => `${parameters[name]}:`).join('');
}
