import type { AuthorizationOutcome } from '@credential-renewal/gateway/http-types';
import type { NoticeTone } from '../shell/notice.tsx';

export type OutcomeAction = 'try-again' | 'switch-account' | 'check-again';

export type OutcomeView = {
  tone: NoticeTone;
  title: string;
  text: string;
  /** Sources that work again, or permissions that are missing. */
  list: string[];
  /** What to do next. */
  advice?: string;
  actions: OutcomeAction[];
};

/** What a person reads after coming back from the provider. */
export function outcomeView(outcome: AuthorizationOutcome): OutcomeView {
  const provider = outcome.providerName;
  switch (outcome.status) {
    case 'succeeded':
      return succeeded(outcome);
    case 'wrong_account':
      return wrongAccount(outcome);
    case 'insufficient_scope':
      return {
        tone: 'warning',
        title: 'Some permissions are missing',
        text: `${provider} gave access, but without these permissions:`,
        list: outcome.missingScopes,
        advice: `${stays(outcome.formerAccessStays)}Try again and leave every permission ticked at ${provider}.`,
        actions: ['try-again'],
      };
    case 'cancelled':
      return {
        tone: 'info',
        title: 'Cancelled',
        text: outcome.error?.text ?? 'Access was not given. Nothing was changed.',
        list: [],
        ...goesOn(outcome),
        actions: ['try-again'],
      };
    case 'failed':
      return {
        tone: 'warning',
        title: outcome.renewal ? 'The renewal did not work' : 'The authorization did not work',
        text:
          outcome.error?.text ??
          `${provider} did not give access. Try again, and if it keeps failing ask your administrator.`,
        list: [],
        ...goesOn(outcome),
        actions: ['try-again'],
      };
    case 'expired':
      return {
        tone: 'info',
        title: 'That took too long',
        text: `An authorization has to be finished at ${provider} within ten minutes.`,
        list: [],
        advice: `Nothing was changed.${isUpgrade(outcome) ? ` ${syncingGoesOn}` : ''}`,
        actions: ['try-again'],
      };
    case 'pending':
      return {
        tone: 'info',
        title: `Waiting for ${provider}`,
        text: 'The authorization is not finished yet.',
        list: [],
        actions: ['check-again', 'try-again'],
      };
    default:
      return outcome.status satisfies never;
  }
}

const syncingGoesOn = 'Syncing goes on with the access that was given before.';

/** Whether more access was asked for something that works. */
function isUpgrade({ renewal, upgradeScopes }: AuthorizationOutcome): boolean {
  return renewal && upgradeScopes.length > 0;
}

/** The server's text says what to do next; that nothing has stopped is to be said for an upgrade alone. */
function goesOn(outcome: AuthorizationOutcome): Pick<OutcomeView, 'advice'> {
  return isUpgrade(outcome) ? { advice: syncingGoesOn } : {};
}

function stays(formerAccessStays: boolean): string {
  return formerAccessStays ? `So it was not used: nothing was changed. ${syncingGoesOn} ` : '';
}

function succeeded(outcome: AuthorizationOutcome): OutcomeView {
  const { renewal, providerName, heals } = outcome;
  const names = heals.map(({ name }) => name);
  if (isUpgrade(outcome)) {
    return {
      tone: 'ok',
      title: 'Access granted',
      text:
        names.length === 0
          ? `${providerName} gave the access that was missing.`
          : `${providerName} gave the access that was missing, for:`,
      list: names,
      actions: [],
    };
  }
  if (!renewal) {
    return {
      tone: 'ok',
      title: 'Connected',
      text:
        names.length === 0 ? `${providerName} gave access.` : `${providerName} gave access for:`,
      list: names,
      advice: 'The first sync starts by itself.',
      actions: [],
    };
  }
  return {
    tone: 'ok',
    title: 'Credentials renewed',
    text: names.length === 0 ? 'Access works again.' : 'Working again:',
    list: names,
    actions: [],
  };
}

function wrongAccount(outcome: AuthorizationOutcome): OutcomeView {
  const { providerName, expectedAccount, actualAccount } = outcome;
  const used = actualAccount ?? 'another account';
  const expected = expectedAccount ?? 'the account used before';
  return {
    tone: 'warning',
    title: 'That was another account',
    text: `You signed in at ${providerName} as ${used}. These credentials belong to ${expected}.`,
    list: [],
    advice: `Nothing was changed. Try again and sign in as ${expected}, or switch to the other account on purpose.`,
    actions: ['try-again', 'switch-account'],
  };
}
