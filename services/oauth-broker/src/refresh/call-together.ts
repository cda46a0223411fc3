import { DomainError } from '@credential-renewal/runtime';
import { isUnavailable } from '../retry-unavailable.ts';

/** What a call of several says of one of them. */
export type AnswerForOne<Response> = { value: Response } | { error: Error };

type Waiting<Request, Response> = {
  request: Request;
  resolve: (response: Response) => void;
  reject: (error: unknown) => void;
};

/** How long a request waits for a call that is under way: one that hangs must not hold up all that come after it. */
const longestWaitMs = 20;

/**
 * Requests that come at about the same time go in one call, for a call costs more than what it asks for: those of one round of the event loop,
 * and while a call is under way those that come meanwhile. The busier, the more of them.
 */
export function callTogether<Request, Response>(calls: {
  alone: (request: Request) => Promise<Response>;
  /** In the order of the requests. */
  together: (requests: Request[]) => Promise<AnswerForOne<Response>[]>;
  most: number;
}): (request: Request) => Promise<Response> {
  let waiting: Waiting<Request, Response>[] = [];
  let underWay = 0;
  let soon: NodeJS.Immediate | undefined;
  let late: NodeJS.Timeout | undefined;

  function send(): void {
    clearImmediate(soon);
    clearTimeout(late);
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    underWay += 1;
    void answer(batch).finally(() => {
      underWay -= 1;
      send();
    });
  }

  async function answer(batch: Waiting<Request, Response>[]): Promise<void> {
    if (batch.length === 1) return askAlone(batch);
    try {
      const answers = await calls.together(batch.map(({ request }) => request));
      batch.forEach(({ resolve, reject }, index) => {
        const found = answers[index] ?? { error: unanswered() };
        'error' in found ? reject(found.error) : resolve(found.value);
      });
    } catch (error) {
      // It may be for one of them that all failed, or for a vault of the release before, which does not know the call.
      if (!isUnavailable(error)) return askAlone(batch);
      for (const { reject } of batch) reject(error);
    }
  }

  async function askAlone(batch: readonly Waiting<Request, Response>[]): Promise<void> {
    await Promise.all(
      batch.map(({ request, resolve, reject }) => calls.alone(request).then(resolve, reject)),
    );
  }

  return (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      if (waiting.length >= calls.most) send();
      else if (waiting.length > 1) return;
      else if (underWay === 0) soon = setImmediate(send);
      else late = setTimeout(send, longestWaitMs);
    });
}

function unanswered(): DomainError {
  return new DomainError('internal', 'RPC_FAILED', 'A call of several left one unanswered');
}
