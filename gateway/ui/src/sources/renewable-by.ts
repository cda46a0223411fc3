import type { Named } from '@credential-renewal/gateway/http-types';

const namedAtMost = 3;

/** What there is to do: renew what is dead, or grant more access to what works. */
export type Deed = 'renew' | 'grant';

/** Who can act, for somebody who cannot: "Ada and Bo can renew it". */
export function renewableByWords(people: Named[], deed: Deed = 'renew'): string {
  if (people.length === 0) return `Ask an administrator to ${deed} it`;
  const names = people.slice(0, namedAtMost).map(({ name }) => name);
  const others = people.length - names.length;
  if (others > 0) names.push(others === 1 ? '1 other' : `${others} others`);
  return `${new Intl.ListFormat('en', { type: 'conjunction' }).format(names)} can ${deed} it`;
}
