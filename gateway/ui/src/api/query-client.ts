import { QueryClient } from '@tanstack/react-query';
import { ProblemError } from './problem-error.ts';

const maxRetries = 2;

/** An answer is final, so only a missing or a failing server is asked again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < maxRetries && isPassing(error),
        retryDelay: (failures) => 400 * 2 ** failures,
        // The browser's own idea of being offline is wrong for a gateway on the same machine.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}

function isPassing(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.status >= 500;
}
