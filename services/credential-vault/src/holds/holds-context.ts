import type { DecisionDeps } from '../outage-decision.ts';
import type { CredentialStore } from '../store/credential-store.ts';

/** What the RPCs about holds may use. */
export type HoldsContext = DecisionDeps & { store: Pick<CredentialStore, 'countHeld'> };
