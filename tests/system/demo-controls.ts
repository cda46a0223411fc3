/** The JSON calls of the demo world's control page. */
export function createDemoControls(demoUrl: string) {
  async function call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${demoUrl}/control${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
  return {
    get: <T>(path: string) => call<T>('GET', path),
    post: <T>(path: string, body?: unknown) => call<T>('POST', path, body),
    withdraw: (provider: string, account: string) =>
      call<{ withdrawn: number }>('POST', '/grants/withdraw', { provider, account }),
    advanceClock: (seconds: number) => call('POST', '/clock', { advanceSeconds: seconds }),
    mails: async () => (await call<{ items: DemoMail[] }>('GET', '/mailbox')).items,
    mail: (id: string) => call<DemoMail & { text: string; html: string }>('GET', `/mailbox/${id}`),
  };
}

export type DemoMail = { id: string; to: string; subject: string; sentAt: string };
