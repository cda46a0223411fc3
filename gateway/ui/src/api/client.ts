import type { Problem } from '@credential-renewal/gateway/http-types';
import { GatewayUnreachableError, ProblemError } from './problem-error.ts';
import { traceParent } from './trace-parent.ts';

export type ApiClient = {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  signOut(): Promise<void>;
};

type Dependencies = {
  fetch: typeof fetch;
  randomBytes: (length: number) => Uint8Array;
  /** Nobody is signed in any more: takes the browser to the sign-in page. */
  onSignedOut: () => void;
};

/**
 * Speaks to `/api/v1`. The session cookie authenticates.
 * Rejects with ProblemError for an error answer and GatewayUnreachableError when there is none.
 */
export function createApiClient({ fetch, randomBytes, onSignedOut }: Dependencies): ApiClient {
  let isLeaving = false;

  async function call<T>(url: string, init: RequestInit): Promise<T> {
    const response = await reach(url, init);
    if (response.status === 401) {
      // A page asks several things at once; each sign-in that is begun replaces the one before.
      if (!isLeaving) onSignedOut();
      isLeaving = true;
      // The browser is on its way to the sign-in page; an error message would only flash up before it leaves.
      return new Promise<T>(() => {});
    }
    if (response.type === 'opaqueredirect') return undefined as T;
    if (!response.ok) throw new ProblemError(await problemOf(response));
    const type = response.headers.get('content-type') ?? '';
    return (type.includes('json') ? await response.json() : undefined) as T;
  }

  async function reach(url: string, init: RequestInit): Promise<Response> {
    const headers = {
      accept: 'application/json',
      traceparent: traceParent(randomBytes),
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      return await fetch(url, { ...init, headers, credentials: 'same-origin' });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new GatewayUnreachableError(error);
    }
  }

  return {
    get: (path, signal) => call(`/api/v1${path}`, { signal }),
    send: (method, path, body) =>
      call(`/api/v1${path}`, {
        method,
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    async signOut() {
      // Where the answer would lead is of no use to a fetch, and may be another origin.
      await call('/sign-out', { method: 'POST', redirect: 'manual' });
    },
  };
}

/** A proxy in between may answer with something that is not a problem document. */
async function problemOf(response: Response): Promise<Problem> {
  const unknown: Problem = {
    type: 'about:blank',
    title: 'Unexpected answer',
    status: response.status,
    detail: `The server answered ${response.status} without saying why.`,
    code: 'unexpected_answer',
  };
  try {
    return {
      ...unknown,
      ...((await response.json()) as Partial<Problem>),
      status: response.status,
    };
  } catch {
    return unknown;
  }
}
