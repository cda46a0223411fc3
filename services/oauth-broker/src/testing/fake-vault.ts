import { createHash } from 'node:crypto';
import {
  type AcquireLeaseRequest,
  type CommitCandidateRequest,
  type CommitCandidateResponse,
  type CompleteAttemptRequest,
  CredentialVaultServiceService,
  ReportRejectedTokenResponse_Effect as Effect,
  Failure_Kind,
  type ProviderParameters,
  AcquireLeaseRequest_Purpose as Purpose,
  type TokenSet,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import {
  type CredentialState,
  CredentialState as CredentialStateMessage,
  CredentialStatus,
} from '@credential-renewal/proto/events/v1/credential';
import {
  answerEach,
  durationFromMs,
  msFromDuration,
  type RpcHandlers,
  serve,
} from '@credential-renewal/rpc';
import { type Clock, DomainError, uuidv7 } from '@credential-renewal/runtime';

type Handlers = RpcHandlers<typeof CredentialVaultServiceService>;

export type FakeCredential = {
  id: string;
  accountId: string;
  providerId: string;
  /** Empty: written down by nobody. */
  clientId: string;
  identityKey: string;
  maskedLabel: string;
  accessToken: string;
  refreshToken: string | undefined;
  accessExpiresAtMs: number | undefined;
  status: CredentialState['status'];
  version: bigint;
  fence: bigint;
  heldUntilMs: number;
  /** For which its lease was granted. */
  attemptId: string | undefined;
  due: boolean;
  rejectedHash: string | undefined;
  kept: Record<string, string>;
  hints: Record<string, string> | undefined;
  requiredScopes: string[];
  grantedScopes: string[];
  parameters: ProviderParameters | undefined;
};

export type FakeVault = ReturnType<typeof createFakeVault>;

const hash = (token: string) => createHash('sha256').update(token).digest('base64url');
const notFound = (code: string) => new DomainError('not_found', code, 'There is none.');

/** Enough of the vault's contract for the broker's tests, in memory; what is `down` fails as an outage does, what is `silent` never answers. */
export function createFakeVault(clock: Clock) {
  const credentials = new Map<string, FakeCredential>();
  const candidates = new Map<
    string,
    { accountId: string; credentialId: string | undefined; tokens: TokenSet }
  >();
  const settled = new Map<string, CommitCandidateResponse>();
  const revocations = new Map<
    string,
    { token: string | undefined; tokenTypeHint: string; providerId: string; clientId: string }
  >();
  const calls: { name: string; request: unknown }[] = [];
  const down = new Set<string>();
  const silent = new Set<string>();
  /** Credentials that a first authorization has just joined: they are not revoked. */
  const joinedJustNow = new Set<string>();

  function find(id: string): FakeCredential {
    const found = credentials.get(id);
    if (!found) throw notFound('CREDENTIAL_NOT_FOUND');
    return found;
  }

  function stateOf(credential: FakeCredential): CredentialState {
    return CredentialStateMessage.fromPartial({
      credentialId: credential.id,
      accountId: credential.accountId,
      providerId: credential.providerId,
      version: credential.version,
      status: credential.status,
    });
  }

  function install(credential: FakeCredential, tokens: TokenSet): void {
    const lifeMs = msFromDuration(tokens.expiresIn);
    Object.assign(credential, {
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken ?? credential.refreshToken,
      accessExpiresAtMs: lifeMs === undefined ? undefined : clock.nowMs() + lifeMs,
      status: CredentialStatus.HEALTHY,
      version: credential.version + 1n,
      heldUntilMs: 0,
      due: false,
      rejectedHash: undefined,
      kept: { ...credential.kept, ...tokens.kept },
      hints: tokens.hints?.parameters ?? credential.hints,
    });
  }

  const livesMs = (credential: FakeCredential) =>
    credential.rejectedHash === hash(credential.accessToken)
      ? 0
      : (credential.accessExpiresAtMs ?? Number.POSITIVE_INFINITY) - clock.nowMs();

  function acquire(request: AcquireLeaseRequest) {
    const credential = find(request.credentialId);
    const renewal = request.purpose === Purpose.RENEWAL;
    const isHeld = credential.heldUntilMs > clock.nowMs();
    const { attemptId } = request;
    if (isHeld && attemptId !== undefined && attemptId === credential.attemptId) return credential;
    if (request.purpose === Purpose.SCHEDULED && !credential.due) return 'notNeeded';
    if (request.purpose === Purpose.ON_DEMAND) {
      if (livesMs(credential) > (msFromDuration(request.minimumRemainingLife) ?? 0))
        return 'notNeeded';
    }
    if (!renewal && isHeld) return 'held';
    credential.fence += 1n;
    credential.attemptId = attemptId;
    credential.heldUntilMs = clock.nowMs() + (msFromDuration(request.leaseTtl) ?? 0);
    return credential;
  }

  function complete(request: CompleteAttemptRequest): FakeCredential {
    const credential = find(request.credentialId);
    if (hash(credential.refreshToken ?? credential.accessToken) !== request.sentTokenHash)
      throw new DomainError('failed_precondition', 'ATTEMPT_SUPERSEDED', 'Too late.');
    const { outcome } = request;
    if (outcome?.$case === 'tokens') install(credential, outcome.value);
    if (outcome?.$case === 'failure') {
      const dead = outcome.value.kind === Failure_Kind.GRANT_REFUSED;
      credential.status = dead ? CredentialStatus.EXPIRED : CredentialStatus.DELAYED;
      credential.version += 1n;
    }
    credential.heldUntilMs = 0;
    credential.due = false;
    return credential;
  }

  function commit(request: CommitCandidateRequest): CommitCandidateResponse {
    const before = settled.get(request.transactionId);
    if (before) return before;
    const candidate = candidates.get(request.transactionId);
    if (!candidate) throw notFound('CANDIDATE_NOT_FOUND');
    const { key = '', maskedLabel = '' } = request.identity ?? {};
    const own = candidate.credentialId ? find(candidate.credentialId) : undefined;
    if (own && own.identityKey !== key && !request.switchIdentity) {
      const value = { expectedMaskedLabel: own.maskedLabel, actualMaskedLabel: maskedLabel };
      return { outcome: { $case: 'wrongIdentity', value } };
    }
    if (request.missingScopes.length > 0) {
      const value = { missingScopes: request.missingScopes, installed: undefined };
      return { outcome: { $case: 'insufficientScope', value } };
    }
    const credential =
      own ??
      add({
        accountId: candidate.accountId,
        providerId: request.policy?.providerId ?? '',
        clientId: request.policy?.clientId ?? '',
        parameters: request.parameters,
        refreshToken: undefined,
      });
    const { requiredScopes, grantedScopes } = request;
    Object.assign(credential, { identityKey: key, maskedLabel, requiredScopes, grantedScopes });
    install(credential, candidate.tokens);
    candidates.delete(request.transactionId);
    const response: CommitCandidateResponse = {
      outcome: { $case: 'installed', value: { state: stateOf(credential), joined: false } },
    };
    settled.set(request.transactionId, response);
    return response;
  }

  function add(wishes: Partial<FakeCredential>): FakeCredential {
    const credential: FakeCredential = {
      id: uuidv7(clock.nowMs()),
      accountId: 'acme',
      providerId: 'orchard',
      clientId: '',
      identityKey: 'ada',
      maskedLabel: 'a•••@acme.example',
      accessToken: 'at-first',
      refreshToken: 'rt-first',
      accessExpiresAtMs: clock.nowMs() + 3_600_000,
      status: CredentialStatus.HEALTHY,
      version: 1n,
      fence: 0n,
      heldUntilMs: 0,
      attemptId: undefined,
      due: false,
      rejectedHash: undefined,
      kept: {},
      hints: undefined,
      requiredScopes: ['files.read'],
      grantedScopes: ['files.read'],
      parameters: undefined,
      ...wishes,
    };
    credentials.set(credential.id, credential);
    return credential;
  }

  const handlers: Omit<Handlers, 'acquireLeases' | 'completeAttempts'> = {
    getCredential: async ({ credentialId, withHints }) => {
      const credential = find(credentialId);
      return {
        state: stateOf(credential),
        scopes: credential.grantedScopes,
        identityMaskedLabel: credential.maskedLabel,
        identityKey: credential.identityKey,
        parameters: credential.parameters,
        hints: withHints && credential.hints ? { parameters: credential.hints } : undefined,
        requiredScopes: credential.requiredScopes,
      };
    },
    listGrantedScopes: async ({ accountId, credentialIds }) => ({
      grants: credentialIds
        .map((id) => credentials.get(id))
        .filter((credential) => credential?.accountId === accountId)
        .filter((credential) => credential !== undefined)
        .map(({ id, providerId, status, requiredScopes, grantedScopes }) => ({
          ...{ credentialId: id, providerId, status, requiredScopes, grantedScopes },
        })),
    }),
    readAccessToken: async ({ credentialId }) => {
      const credential = find(credentialId);
      if (credential.status === CredentialStatus.EXPIRED)
        throw new DomainError('failed_precondition', 'CREDENTIAL_EXPIRED', 'It is dead.');
      const { accessExpiresAtMs, accessToken, rejectedHash } = credential;
      return {
        accessToken,
        tokenHash: hash(accessToken),
        expiresIn:
          accessExpiresAtMs === undefined
            ? undefined
            : durationFromMs(accessExpiresAtMs - clock.nowMs()),
        accountId: credential.accountId,
        state: stateOf(credential),
        rejected: rejectedHash === hash(accessToken),
        kept: { ...credential.kept, ...credential.parameters?.values },
      };
    },
    listDueCredentials: async ({ limit, excludedProviderIds }) => ({
      due: [...credentials.values()]
        .filter(({ due, heldUntilMs }) => due && heldUntilMs <= clock.nowMs())
        .filter(({ providerId }) => !excludedProviderIds.includes(providerId))
        .slice(0, limit)
        .map(({ id, providerId, clientId }) => ({ credentialId: id, clientId, providerId })),
      nextDueIn: undefined,
    }),
    releaseLease: async ({ credentialId, fence }) => {
      const credential = find(credentialId);
      if (credential.fence === fence) credential.heldUntilMs = 0;
      return {};
    },
    acquireLease: async (request) => {
      const answer = acquire(request);
      if (answer === 'notNeeded') return { outcome: { $case: 'notNeeded', value: {} } };
      if (answer === 'held')
        return {
          outcome: { $case: 'held', value: { retryAfter: durationFromMs(fake.heldRetryAfterMs) } },
        };
      const { fence, refreshToken, accessToken, accountId, providerId, clientId } = answer;
      const value = {
        ...{ fence, refreshToken, accessToken, accountId, providerId, clientId },
        parameters: answer.parameters,
        attempt: 1,
        sentTokenHash: hash(refreshToken ?? accessToken),
      };
      return { outcome: { $case: 'granted', value } };
    },
    completeAttempt: async (request) => {
      const credential = complete(request);
      const kept = { ...credential.kept, ...credential.parameters?.values };
      return { state: stateOf(credential), kept };
    },
    reportRejectedToken: async ({ credentialId, tokenHash }) => {
      const credential = find(credentialId);
      const current = tokenHash === hash(credential.accessToken);
      if (current) Object.assign(credential, { rejectedHash: tokenHash, due: true });
      return {
        effect: current ? Effect.ATTEMPT_DUE : Effect.IGNORED,
        state: stateOf(credential),
      };
    },
    storeCandidate: async ({ transactionId, accountId, credentialId, tokens }) => {
      if (tokens) candidates.set(transactionId, { accountId, credentialId, tokens });
      return {};
    },
    readCandidate: async ({ transactionId }) => {
      const candidate = candidates.get(transactionId);
      if (!candidate) throw notFound('CANDIDATE_NOT_FOUND');
      const { tokens, ...rest } = candidate;
      return { ...rest, accessToken: tokens.accessToken, scopes: tokens.scopes };
    },
    commitCandidate: async (request) => commit(request),
    dropCandidate: async ({ transactionId }) => {
      candidates.delete(transactionId);
      return {};
    },
    listCandidates: async () => ({ transactionIds: [...candidates.keys()] }),
    startRevocation: async ({ credentialId }) => {
      if (joinedJustNow.has(credentialId))
        throw new DomainError('aborted', 'CREDENTIAL_IN_USE', 'Something has just joined it.');
      const credential = find(credentialId);
      Object.assign(credential, {
        status: CredentialStatus.REVOKING,
        version: credential.version + 1n,
      });
      revocations.set(credentialId, {
        token: credential.refreshToken ?? credential.accessToken,
        tokenTypeHint: credential.refreshToken ? 'refresh_token' : 'access_token',
        providerId: credential.providerId,
        clientId: credential.clientId,
      });
      return { state: stateOf(credential) };
    },
    listRevocations: async () => ({
      revocations: [...revocations].map(([credentialId, revocation]) => ({
        credentialId,
        ...revocation,
      })),
    }),
    completeRevocation: async ({ credentialId, outcome }) => {
      if (outcome?.$case === 'revoked') {
        credentials.delete(credentialId);
      }
      revocations.delete(credentialId);
      return {};
    },
  };

  const each = recorded(handlers, { calls, down, silent });
  // Noted as what they are made of.
  const service: Handlers = {
    ...each,
    acquireLeases: ({ leases }, context) =>
      answerEach(leases, async (lease) => ({
        $case: 'lease' as const,
        value: await each.acquireLease(lease, context),
      })),
    completeAttempts: ({ attempts }, context) =>
      answerEach(attempts, async (attempt) => ({
        $case: 'written' as const,
        value: await each.completeAttempt(attempt, context),
      })),
  };

  const fake = {
    heldRetryAfterMs: 100,
    joinedJustNow,
    credentials,
    candidates,
    calls,
    down,
    silent,
    add,
    count: (name: keyof Handlers) => calls.filter((call) => call.name === name).length,
    service: serve(CredentialVaultServiceService, service),
  };
  return fake;
}

/** Notes every call, fails those named in `down` as an unreachable service does, and leaves those in `silent` without an answer. */
export function recorded<H extends object>(
  handlers: H,
  {
    calls,
    down,
    silent,
  }: {
    calls: { name: string; request: unknown }[];
    down: ReadonlySet<string>;
    silent: ReadonlySet<string>;
  },
): H {
  const wrapped = Object.entries(handlers).map(([name, handler]) => [
    name,
    async (request: unknown, context: unknown) => {
      calls.push({ name, request });
      if (silent.has(name) || silent.has('*')) await new Promise(() => undefined);
      if (down.has(name) || down.has('*'))
        throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'It is down.');
      return (handler as (request: unknown, context: unknown) => Promise<unknown>)(
        request,
        context,
      );
    },
  ]);
  return Object.fromEntries(wrapped) as H;
}
