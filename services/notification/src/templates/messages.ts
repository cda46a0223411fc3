import type { AffectedUse, Notification, Trouble } from '../notification.ts';

/** Every word that a mail says, in one place. */
export const messages = {
  expiredSubject: 'Credentials expired in source',
  recoveredSubject: 'Credentials work again in source',
  reminderSubject: 'Reminder: credentials expired in source',
  expiringSubject: 'Credentials expire soon in source',
  delayedSubject: 'Sources have been delayed for a day',
  escalationSubject: 'Credentials expired in source, and a mail about it did not arrive',
  dailySubject: 'Credentials: what happened in the last day',

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
      case 'expiring':
        return `The credentials of ${affected} expire soon.`;
      case 'delayed':
        return `${capitalized(affected)} cannot be synced at the moment.`;
      default:
        return trouble.status satisfies never;
    }
  },
  /** `isFirst`: no mail has told of any of them before. */
  digestIntro: (count: number, { isFirst }: { isFirst: boolean }) =>
    `${count} ${isFirst ? '' : 'more '}credentials that you look after have expired. They are listed together, so that you get one mail instead of ${count}.`,
  digestMore: (count: number) =>
    `${count} more are not listed here. My sources shows all that need you.`,
  recovered: (affected: string) =>
    `The credentials of ${affected} work again. There is nothing to do for you.`,
  recoveredMany: (count: number) =>
    `${count} credentials that you look after work again. There is nothing to do for you.`,

  stillExpired: ({ trouble, uses }: Pick<Notification, 'trouble' | 'uses'>) => {
    const lacks = trouble.status === 'insufficient_scope';
    const state = lacks ? 'still lack permissions that are needed' : 'are still expired';
    return `The credentials of ${affectedWords({ uses })} ${state}, so ${whatStops(uses)}.`;
  },
  stillExpiredMany: (count: number) =>
    `${count} credentials that you look after are still expired, so nothing syncs with them.`,
  stopReminders: 'Stop reminders',
  chooseMails: 'Choose which mails you get',

  expiringIntro: (count: number) =>
    count === 1
      ? 'Credentials that you look after expire soon. Until then everything works.'
      : `${count} credentials that you look after expire soon. Until then everything works.`,
  ends: (affected: string, at: string) =>
    `The credentials of ${affected} end on ${at}, and only a renewal prolongs them.`,
  renewBefore: (providerName: string) =>
    `Renew them before by signing in at ${providerName} again, and nothing will stop.`,

  delayedIntro: (count: number) =>
    count === 1
      ? 'Something in your account has not been synced for a day. Nobody in your account has to do anything.'
      : `${count} credentials in your account have not worked for a day. Nobody in your account has to do anything.`,
  nothingToDoOfDelay:
    'It is tried again all the time and goes on by itself as soon as it can. You hear of it so that you can answer those who ask.',

  escalationIntro: (count: number) =>
    count === 1
      ? 'Somebody was to be told that credentials have expired, but no mail reaches them. So you are told instead.'
      : 'People were to be told that credentials have expired, but no mail reaches them. So you are told instead.',
  unreached: ({ unreachedName = '', uses, trouble }: Notification) => {
    const who = unreachedName === '' ? 'The person who looks after it' : unreachedName;
    const what =
      trouble.status === 'expiring'
        ? 'expire soon'
        : 'need to be renewed, and nothing syncs until then';
    return `${who} cannot be reached by mail. The credentials of ${affectedWords({ uses })} ${what}.`;
  },
  whatAdministratorsCanDo:
    'Please let them know, and have their mail address put right. If they have left, mark them so: then an administrator can take over what was theirs, and renew it.',

  dailyIntro: (notifications: readonly Pick<Notification, 'kind'>[]) => {
    const count = (...kinds: Notification['kind'][]) =>
      notifications.filter(({ kind }) => kinds.includes(kind)).length;
    const told = [
      ...counted(count('expired', 'escalation', 'drill'), 'has expired', 'have expired'),
      ...counted(count('reminder'), 'still waits for its renewal', 'still wait for their renewal'),
      ...counted(count('expiring'), 'expires soon', 'expire soon'),
      ...counted(count('delayed'), 'is delayed', 'are delayed'),
      ...counted(count('recovered'), 'works again', 'work again'),
    ];
    return `Of the credentials that you look after, ${inSeries(told)}. You have chosen one mail a day.`;
  },

  late: (noticed: string) =>
    `This mail is late: its news was noticed on ${noticed}, and no mail could be sent before now.`,

  whatToDo: (trouble: Trouble) => {
    switch (trouble.resolver) {
      case 'user':
        return `Renew the credentials by signing in at ${trouble.providerName} again. One renewal heals everything that uses them.`;
      case 'tenant_admin':
        return `An administrator of your organisation at ${trouble.providerName} must act first. Please show them this mail; once they have allowed the access again, renew the credentials.`;
      case 'operator':
        return 'There is nothing to do for you.';
      default:
        return trouble.resolver satisfies never;
    }
  },
  renewButton: 'Renew credentials',
  mySourcesButton: 'Open My sources',
  openButton: 'Open the source',

  sourceLabel: 'Source',
  connectionLabel: 'Authorized connection',
  dependentSourcesLabel: 'Sources that depend on it',
  providerLabel: 'Provider',
  sinceLabel: 'Since',
  endsLabel: 'Ends',
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
      case 'administrator': {
        const place = use.workspace ? `the workspace ${quoted(use.workspace.name)}` : 'the account';
        return `You get this mail because you administer ${place}, which ${name} belongs to.`;
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

function counted(count: number, one: string, many: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function quoted(name: string): string {
  return `“${name}”`;
}
