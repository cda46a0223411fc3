import type { Authorization } from '@credential-renewal/gateway/http-types';
import { createContext, useContext } from 'react';
import type { RenewalEntry } from './renewal-entry.ts';
import type { RenewalPurpose } from './renewal-purpose.ts';

export type Renewal = {
  /** Begins a renewal and shows the step before leaving. */
  start(entry: RenewalEntry, options?: { switchAccount?: boolean; purpose?: RenewalPurpose }): void;
  /** Shows the step before leaving for an authorization that adding something has already begun. */
  leave(authorization: Authorization): void;
};

export const RenewalContext = createContext<Renewal | undefined>(undefined);

export function useRenewal(): Renewal {
  const renewal = useContext(RenewalContext);
  if (renewal === undefined) throw new Error('useRenewal needs a RenewalProvider above it');
  return renewal;
}
