import type { Status } from '@credential-renewal/proto/google/rpc/status';
import { DomainError } from '@credential-renewal/runtime';
import { statusMessageOf } from './status-mapping.ts';

type Failed = { $case: 'error'; value: Status };

/**
 * Answers each request of a call of several for itself, in the order of the requests; `answer` says which case of the message its answer
 * is. What nobody expected fails the call as a whole, so that it is logged like any other; its caller may make the requests one by one then.
 */
export async function answerEach<Request, Answer>(
  requests: readonly Request[],
  answer: (request: Request) => Promise<Answer>,
): Promise<{ answers: { answer: Answer | Failed }[] }> {
  const answers = await Promise.all(
    requests.map(async (request) => {
      try {
        return { answer: await answer(request) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        return { answer: { $case: 'error' as const, value: statusMessageOf(error) } };
      }
    }),
  );
  return { answers };
}
