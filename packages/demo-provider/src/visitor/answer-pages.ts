import { browse, type Stop } from './browse.ts';
import type { CookieJar } from './cookie-jar.ts';

export type ProviderAnswers = {
  /** As the chooser shows it, or any other the person types. */
  account: string;
  deny?: boolean;
  /** Scopes to leave unticked, where the provider lets people. */
  untick?: readonly string[];
};

const mostPages = 5;

/** Fills in the account and consent pages of a provider until the walk leaves them. */
export async function answerProviderPages(
  jar: CookieJar,
  first: Stop,
  answers: ProviderAnswers,
  arrived: (url: URL) => boolean,
): Promise<Stop> {
  let stop = first;
  for (let count = 0; count < mostPages; count++) {
    const form = fillIn(stop.body, answers);
    if (!form) return stop;
    stop = await browse(jar, stop.url, { request: { method: 'POST', body: form }, arrived });
  }
  throw new Error(`the pages of ${stop.url.origin}${stop.url.pathname} come again and again`);
}

function fillIn(body: string, answers: ProviderAnswers): URLSearchParams | undefined {
  if (body.includes('name="account"')) return new URLSearchParams({ account: answers.account });
  if (!body.includes('name="decision"')) return undefined;
  const form = new URLSearchParams({ decision: answers.deny ? 'deny' : 'allow' });
  for (const [, scope = ''] of body.matchAll(/name="scope" value="([^"]*)"/g)) {
    if (!answers.untick?.includes(scope)) form.append('scope', scope);
  }
  return form;
}
