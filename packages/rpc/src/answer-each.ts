import type { Status } from '@credential-renewal/proto/google/rpc/status';
import { DomainError } from '@credential-renewal/runtime';
import { statusMessageOf } from './status-mapping.ts';

export type PartialAnswer<T> = { value: T } | { error: Status };

/**
 * Answers each request of a call of several for itself, in the order of the requests. What nobody expected fails the call as a whole,
 * so that it is logged like any other; its caller may make the requests one by one then.
 */
export function answerEach<Request, Response>(
  requests: readonly Request[],
  answer: (request: Request) => Promise<Response>,
): Promise<PartialAnswer<Response>[]> {
  return Promise.all(
    requests.map(async (request) => {
      try {
        return { value: await answer(request) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        return { error: statusMessageOf(error) };
      }
    }),
  );
}
