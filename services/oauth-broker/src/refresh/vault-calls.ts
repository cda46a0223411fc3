import type {
  AcquireLeaseRequest,
  AcquireLeaseResponse,
  CompleteAttemptRequest,
  CompleteAttemptResponse,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import type { Status } from '@credential-renewal/proto/google/rpc/status';
import { errorFromStatusMessage } from '@credential-renewal/rpc';
import type { VaultClient } from '../service-clients.ts';
import { type AnswerForOne, callTogether } from './call-together.ts';
import type { AttemptRequest } from './refresher.ts';

export type VaultOfSeveral = Pick<
  VaultClient,
  'acquireLease' | 'acquireLeases' | 'completeAttempt' | 'completeAttempts'
>;

/** How an attempt of this purpose talks to the vault about its credential. */
export type VaultCalls = (purpose: AttemptRequest['purpose']) => {
  acquireLease(request: AcquireLeaseRequest): Promise<AcquireLeaseResponse>;
  completeAttempt(request: CompleteAttemptRequest): Promise<CompleteAttemptResponse>;
};

/** The vault refuses more: their tokens must fit into one message, however long they are. */
const most = 10;

/** A sweep's attempts go together; one that somebody waits for goes at once, and in the trace of that caller. */
export function createVaultCalls(vault: VaultOfSeveral): VaultCalls {
  const together = {
    acquireLease: callTogether<AcquireLeaseRequest, AcquireLeaseResponse>({
      alone: (request) => vault.acquireLease(request),
      async together(leases) {
        const { answers } = await vault.acquireLeases({ leases });
        return answers.map(({ answer }) =>
          answer?.$case === 'lease' ? { value: answer.value } : failed(answer?.value),
        );
      },
      most,
    }),
    completeAttempt: callTogether<CompleteAttemptRequest, CompleteAttemptResponse>({
      alone: (request) => vault.completeAttempt(request),
      async together(attempts) {
        const { answers } = await vault.completeAttempts({ attempts });
        return answers.map(({ answer }) =>
          answer?.$case === 'written' ? { value: answer.value } : failed(answer?.value),
        );
      },
      most,
    }),
  };
  return (purpose) => (purpose === 'scheduled' ? together : vault);
}

function failed(error: Status | undefined): AnswerForOne<never> {
  return { error: errorFromStatusMessage(error ?? { code: 0, message: '', details: [] }) };
}
