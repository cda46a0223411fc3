import type { Authorization } from '@credential-renewal/gateway/http-types';
import { createContext, useContext } from 'react';
import type { RenewalEntry } from './renewal-entry.ts';

export type Renewal = {
  /** Begins a renewal and shows the step before leaving. `finish`: the first authorization is only being resumed. */
  start(entry: RenewalEntry, options?: { switchAccount?: boolean; finish?: boolean }): void;
  /** Shows the step before leaving for an authorization that adding something has already begun. */
  leave(authorization: Authorization): void;
};

export const RenewalContext = createContext<Renewal | undefined>(undefined);

export function useRenewal(): Renewal {
  const renewal = useContext(RenewalContext);
  if (renewal === undefined) throw new Error('useRenewal needs a RenewalProvider above it');
  return renewal;
}
