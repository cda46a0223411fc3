import type { Outcome } from './authorization.ts';

/** How authorizations fail, each with a stable code and one sentence on what to do next. */
const failures = {
  CONSENT_DENIED: (provider: string) =>
    `The access was not allowed at ${provider}. Nothing was changed; start again when you are ready.`,
  CANCELLED: () => 'You turned back before leaving. Nothing was changed.',
  PROVIDER_MIXED_UP: (provider: string) =>
    `The answer was not from ${provider}, so it was not used. Start again; if this comes back, tell your administrator.`,
  PROVIDER_REFUSED: (provider: string) =>
    `${provider} refused the request. Nothing was changed; try again, and if it happens again ask your administrator.`,
  PROVIDER_CHANGED: (provider: string) =>
    `The settings of ${provider} changed in the meantime. Nothing was changed; start again.`,
  CODE_REFUSED: (provider: string) =>
    `${provider} did not accept its own answer, which is good for a short time only. Start again.`,
  CLIENT_REFUSED: (provider: string) =>
    `${provider} does not accept this product's registration. Its operators have to mend that; nothing was changed.`,
  PROVIDER_UNAVAILABLE: (provider: string) =>
    `${provider} did not answer as it should. Nothing was changed; start again in a few minutes.`,
  IDENTITY_REFUSED: (provider: string) =>
    `${provider} issued an access that does not work. Nothing was changed; start again.`,
  IDENTITY_MISSING: (provider: string) =>
    `${provider} did not say whose access it is, so it was not used. Start again; if this comes back, tell your administrator.`,
  IDENTITY_MISMATCH: (provider: string) =>
    `${provider} named two different accounts for one answer, so it was not used. Start again.`,
  IDENTITY_UNKNOWN: (provider: string) =>
    `${provider} did not say for a whole day whose access it is, so it was dropped. Start again.`,
  INTERRUPTED: () => 'It was interrupted on our side. Nothing was changed; start again.',
  RENEWAL_RUNNING: () =>
    'Somebody else is renewing the same credential at this moment. Look again, and start anew if it is still needed.',
  CREDENTIAL_GONE: () =>
    'The credential was disconnected in the meantime. There is nothing left to renew.',
  SOURCE_GONE: () => 'It was deleted in the meantime. There is nothing left to authorize.',
  STORAGE_UNAVAILABLE: () =>
    'It could not be stored on our side. Nothing was changed; start again in a few minutes.',
} as const;

export type FailureCode = keyof typeof failures;

export function explainFailure(code: FailureCode, providerName: string): Outcome {
  return { errorCode: code, errorText: failures[code](providerName) };
}
