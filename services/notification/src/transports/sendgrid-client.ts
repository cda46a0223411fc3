import type { GuardedFetch } from '@credential-renewal/runtime';
import sendgrid from '@sendgrid/mail';

export type SendGridAnswer = { status: number; headers: Headers; body: unknown };

/** What axios hands to an adapter, as far as it matters here. */
type AxiosRequest = {
  method?: string;
  baseURL?: string;
  url?: string;
  headers: { toJSON(): Record<string, unknown> };
  data?: unknown;
};

export type SendGridMail = Exclude<Parameters<typeof sendgrid.send>[0], readonly unknown[]>;

/** The types of `@sendgrid/mail` hide its class, and the client in it. */
type Service = typeof sendgrid & {
  client: { setDefaultRequest(defaults: Record<string, unknown>): unknown };
};
const { MailService } = sendgrid as unknown as { MailService: new () => Service };

/**
 * One send with `@sendgrid/mail`, whose requests go out through `fetch` in the place of axios' own HTTP: axios would read `HTTPS_PROXY`
 * from the environment and follow redirects with the key, and tells not whether a failed request had left. A service of its own for each
 * send, because its key and its signal are properties of the service.
 */
export async function sendWithSendGrid(
  mail: SendGridMail,
  options: { baseUrl: string; apiKey: string; fetch: GuardedFetch; signal: AbortSignal },
): Promise<SendGridAnswer> {
  const service = new MailService();
  let answer: Response | undefined;
  service.setApiKey(options.apiKey);
  // After the key: `setApiKey` puts the host of a region back in.
  service.client.setDefaultRequest({
    baseUrl: options.baseUrl,
    async adapter(request: AxiosRequest) {
      answer = await options.fetch(new URL(request.url ?? '', request.baseURL).href, {
        method: 'POST',
        headers: textHeaders(request.headers.toJSON()),
        body: request.data,
        signal: options.signal,
      });
      return { status: answer.status, headers: {}, data: await answer.text(), config: request };
    },
  });
  const [{ statusCode, body }] = await service.send(mail);
  return { status: statusCode, headers: answer?.headers ?? new Headers(), body };
}

function textHeaders(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
