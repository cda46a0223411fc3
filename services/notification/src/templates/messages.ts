import type { AffectedUse, Notification, Trouble } from '../notification.ts';

/** Every word that a mail says, in one place. */
export const messages = {
  expiredSubject: 'Credentials expired in source',
  recoveredSubject: 'Credentials work again in source',

  drillMark: '[Drill]',
  drillNothingExpired: 'This is a drill: nothing has expired, and there is nothing to renew.',
  drillHappened: (affected: string) =>
    `An administrator of your account rehearses what happens when the credentials of ${affected} expire. They work as before.`,
  drillWhatToDo:
    'Please do what you would do if it were real: open the page and press the button marked “Drill”. It leads to no provider; it only records that you reacted, and when.',
  drillButton: 'Drill: open the page',
  drillBeganLabel: 'Drill began',

  greeting: (name: string) => (name === '' ? 'Hello,' : `Hello ${name},`),

  whatHappened: ({ trouble, uses }: Pick<Notification, 'trouble' | 'uses'>) => {
    const affected = affectedWords({ uses });
    const they = whatStops(uses);
    switch (trouble.status) {
      case 'expired':
        return `The credentials of ${affected} have expired, so ${they}.`;
      case 'insufficient_scope':
        return `The credentials of ${affected} lack permissions that are needed, so ${they}.`;
      default:
        return trouble.status satisfies never;
    }
  },
  digestIntro: (count: number) =>
    `${count} more credentials that you look after have expired. They are listed together, so that you get one mail instead of ${count}.`,
  digestMore: (count: number) =>
    `${count} more are not listed here. My sources shows all that need you.`,
  recovered: (affected: string) =>
    `The credentials of ${affected} work again. There is nothing to do for you.`,
  recoveredMany: (count: number) =>
    `${count} credentials that you look after work again. There is nothing to do for you.`,

  whatToDo: (trouble: Trouble) => {
    switch (trouble.resolver) {
      case 'user':
        return `Renew the credentials by signing in at ${trouble.providerName} again. One renewal heals everything that uses them.`;
      case 'tenant_admin':
        return `An administrator of your organisation at ${trouble.providerName} must act first. Please show them this mail; once they have allowed the access again, renew the credentials.`;
      default:
        return trouble.resolver satisfies never;
    }
  },
  renewButton: 'Renew credentials',
  mySourcesButton: 'Open My sources',

  sourceLabel: 'Source',
  connectionLabel: 'Authorized connection',
  dependentSourcesLabel: 'Sources that depend on it',
  providerLabel: 'Provider',
  sinceLabel: 'Since',
  moreLabel: 'And more',
  moreSources: (count: number) => `${count} that are not listed here`,
  outageLabel: 'Out of order',
  outage: (from: string, until: string) => `from ${from} to ${until}`,
  use: ({ name, connectorName, workspace }: AffectedUse) =>
    workspace
      ? `${name} (${connectorName}, workspace ${workspace.name})`
      : `${name} (${connectorName})`,

  why: (use: AffectedUse) => {
    const name = quoted(use.name);
    switch (use.why) {
      case 'creator':
        return `You get this mail because you created ${name}.`;
      case 'owner':
        return `You get this mail because the authorized connection ${name} is yours.`;
      case 'shared':
        return `You get this mail because the authorized connection ${name} is shared with you.`;
      case 'creator_left': {
        const who = use.kind === 'source' ? 'creator' : 'owner';
        const place = use.workspace ? `the workspace ${quoted(use.workspace.name)}` : 'the account';
        return `You get this mail because the ${who} of ${name} has left and you administer ${place}.`;
      }
      default:
        return use.why satisfies never;
    }
  },
  linkGrantsNothing: (productName: string) =>
    `The link leads to ${productName}, where you sign in as usual; it grants nothing by itself.`,
};

function whatStops(uses: readonly AffectedUse[]): string {
  const connections = uses.filter((use) => use.kind === 'authorized_connection').length;
  if (connections === 0) return uses.length === 1 ? 'it no longer syncs' : 'they no longer sync';
  return connections === 1 && uses.length === 1
    ? 'the sources that use it no longer sync'
    : 'the sources that use them no longer sync';
}

const sourcesNamedInSentence = 3;

/** `the source “A”`, `the sources “A” and “B”`, `5 sources`, `the authorized connection “C”`, joined by `and`. */
export function affectedWords({ uses }: Pick<Notification, 'uses'>): string {
  const named = (kind: AffectedUse['kind'], one: string, many: string) => {
    const names = uses.filter((use) => use.kind === kind).map((use) => quoted(use.name));
    if (names.length === 0) return [];
    if (names.length > sourcesNamedInSentence) return [`${names.length} ${many}`];
    return [`the ${names.length === 1 ? one : many} ${inSeries(names)}`];
  };
  return inSeries([
    ...named('source', 'source', 'sources'),
    ...named('authorized_connection', 'authorized connection', 'authorized connections'),
  ]);
}

/** The first few names, and how many more there are. */
export function namesInSeries(names: readonly string[], atMost: number): string {
  return names.length <= atMost
    ? inSeries(names)
    : inSeries([...names.slice(0, atMost), `${names.length - atMost} more`]);
}

export function inSeries(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

const timeFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** `3 May 2026 at 14:05 UTC`: a mail does not know its reader's time zone. */
export function timeInWords(atMs: number): string {
  return `${timeFormat.format(atMs)} UTC`;
}

function quoted(name: string): string {
  return `“${name}”`;
}
