import type { HoldsContext } from '../holds/holds-context.ts';
import type { VaultContext } from '../vault-context.ts';
import { acquireLease } from './acquire-lease.ts';
import { acquireLeases } from './acquire-leases.ts';
import { addDataKey } from './add-data-key.ts';
import { commitCandidate } from './commit-candidate.ts';
import { completeAttempt } from './complete-attempt.ts';
import { completeAttempts } from './complete-attempts.ts';
import { completeRevocation } from './complete-revocation.ts';
import { decideHold } from './decide-hold.ts';
import { dropCandidate } from './drop-candidate.ts';
import { getCredential } from './get-credential.ts';
import { getKeys } from './get-keys.ts';
import { listCandidates } from './list-candidates.ts';
import { listDueCredentials } from './list-due-credentials.ts';
import { listGrantedScopes } from './list-granted-scopes.ts';
import { listHolds } from './list-holds.ts';
import { listRevocations } from './list-revocations.ts';
import { readAccessToken } from './read-access-token.ts';
import { readCandidate } from './read-candidate.ts';
import { releaseLease } from './release-lease.ts';
import { reportRejectedToken } from './report-rejected-token.ts';
import { retireDataKeys } from './retire-data-keys.ts';
import { rotateKeyEncryptionKey } from './rotate-key-encryption-key.ts';
import { startRevocation } from './start-revocation.ts';
import { storeCandidate } from './store-candidate.ts';
import type { VaultHandlers, VaultHoldsHandlers, VaultKeysHandlers } from './vault-handlers.ts';

export function createHandlers(vault: VaultContext): VaultHandlers {
  return {
    getCredential: getCredential(vault),
    listGrantedScopes: listGrantedScopes(vault),
    readAccessToken: readAccessToken(vault),
    listDueCredentials: listDueCredentials(vault),
    acquireLease: acquireLease(vault),
    releaseLease: releaseLease(vault),
    completeAttempt: completeAttempt(vault),
    acquireLeases: acquireLeases(vault),
    completeAttempts: completeAttempts(vault),
    reportRejectedToken: reportRejectedToken(vault),
    storeCandidate: storeCandidate(vault),
    readCandidate: readCandidate(vault),
    commitCandidate: commitCandidate(vault),
    dropCandidate: dropCandidate(vault),
    listCandidates: listCandidates(vault),
    startRevocation: startRevocation(vault),
    listRevocations: listRevocations(vault),
    completeRevocation: completeRevocation(vault),
  };
}

export function createKeysHandlers(vault: VaultContext): VaultKeysHandlers {
  return {
    getKeys: getKeys(vault),
    addDataKey: addDataKey(vault),
    rotateKeyEncryptionKey: rotateKeyEncryptionKey(vault),
    retireDataKeys: retireDataKeys(vault),
  };
}

export function createHoldsHandlers(holds: HoldsContext): VaultHoldsHandlers {
  return { listHolds: listHolds(holds), decideHold: decideHold(holds) };
}
