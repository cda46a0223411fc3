const email = /[^\s@<>"'(]+@[^\s@<>"')]+\.[a-z]{2,}/i;
const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
/** Long, and of letters and digits mixed: no word looks like that. */
const long = /[\w~+/=-]{20,}/g;

/** Texts in the data of an event that look like an e-mail address or a token: where each stands, without repeating it. */
export function findPrivateText(data: unknown, path = ''): string[] {
  if (typeof data === 'string') {
    const problems = [];
    if (email.test(data)) problems.push(`${path} holds an e-mail address`);
    if (looksLikeToken(data)) problems.push(`${path} holds what looks like a token`);
    return problems;
  }
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, value]) => findPrivateText(value, `${path}/${name}`));
}

function looksLikeToken(text: string): boolean {
  const runs = text.replace(uuid, ' ').match(long) ?? [];
  return runs.some((run) => /\d/.test(run) && /[a-z]/i.test(run));
}
