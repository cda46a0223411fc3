import {
  type Failure,
  Failure_Kind,
} from '@credential-renewal/proto/credential_vault/v1/credential_vault';
import { durationFromMs } from '@credential-renewal/rpc';
import type { ProviderEntry } from '../catalogue/catalogue-schema.ts';
import { listOf } from '../catalogue/check-verdicts.ts';
import type { VerdictRule } from '../catalogue/verdict-schema.ts';
import { textAt, valueAt } from './json-pointer.ts';
import { cleanErrorCode, redact } from './redact.ts';
import type { Refusal } from './refusal.ts';

type Rules = Pick<ProviderEntry, 'verdicts' | 'errors'>;

/** Statuses with which a provider refuses a grant, unless its rule says others. */
const refusingStatuses = [200, 400, 401, 403];

/** What is read of a provider's text: no pattern may be kept busy by a long one. */
const longestDescription = 2_000;

/**
 * What an error means where the catalogue does not say (RFC 6749 section 5.2): an `invalid_grant` is confirmed by a second
 * try, the others speak of our client or request, not of one grant. Everything else is transient.
 */
const standardVerdicts: readonly VerdictRule[] = [
  { error: 'invalid_grant', class: 'dead', confirm: true },
  {
    error: ['invalid_client', 'unauthorized_client', 'invalid_request', 'invalid_scope'],
    class: 'operator',
  },
];

/**
 * What a refusal means (semantics 11). Only a definite answer with a code that is known to speak of this grant counts as a
 * refusal of the grant; what nobody foresaw is transient.
 */
export function failureOf(
  provider: Rules,
  refusal: Refusal,
  secrets: readonly (string | undefined)[] = [],
): Failure {
  const rule = ruleFor(provider, refusal);
  return {
    kind: kindOf(rule),
    error: cleanErrorCode(refusal.error),
    description: redact(refusal.description ?? '', secrets),
    httpStatus: refusal.httpStatus,
    retryAfter:
      refusal.retryAfterMs === undefined ? undefined : durationFromMs(refusal.retryAfterMs),
    answerLost: refusal.answerLost === true,
    reasonCode: reasonOf(rule),
  };
}

/** Whether the refusal is one of this grant: known, or to be confirmed. */
export function speaksOfGrant(provider: Rules, refusal: Refusal): boolean {
  return ruleFor(provider, refusal)?.class === 'dead';
}

/** The first rule that fits, and after the catalogue's own those that are everybody's. */
function ruleFor(provider: Rules, refusal: Refusal): VerdictRule | undefined {
  return [...provider.verdicts, ...standardVerdicts].find((rule) => fits(rule, provider, refusal));
}

function fits(rule: VerdictRule, { errors }: Rules, refusal: Refusal): boolean {
  const { error, httpStatus, body, description = '' } = refusal;
  if (!listOf(rule.error).includes(error) || !statusFits(rule, httpStatus)) return false;
  if (rule.suberror !== undefined) {
    const suberror = errors?.suberror && textAt(body, errors.suberror);
    if (suberror === undefined || !listOf(rule.suberror).includes(suberror)) return false;
  }
  if (rule.number !== undefined) {
    const found = errors?.numbers && valueAt(body, errors.numbers);
    const numbers = (Array.isArray(found) ? found : [found]).map(Number);
    if (!rule.number.some((number) => numbers.includes(number))) return false;
  }
  const text = description.slice(0, longestDescription);
  return rule.description === undefined || new RegExp(rule.description, 'i').test(text);
}

/** Who is busy or broken says nothing about a grant or a client, whatever error stands in the answer. */
function statusFits(rule: VerdictRule, status: number): boolean {
  if (rule.status !== undefined) return rule.status.includes(status);
  if (rule.class === 'dead') return refusingStatuses.includes(status);
  return status === 200 || (status >= 400 && status < 500 && status !== 429);
}

function kindOf(rule: VerdictRule | undefined): Failure['kind'] {
  if (!rule) return Failure_Kind.TRANSIENT;
  switch (rule.class) {
    case 'dead':
      return rule.confirm ? Failure_Kind.GRANT_REFUSED_UNCONFIRMED : Failure_Kind.GRANT_REFUSED;
    case 'operator':
      return rule.certain ? Failure_Kind.CLIENT_MISCONFIGURED : Failure_Kind.CLIENT_REFUSED;
    case 'transient':
      return Failure_Kind.TRANSIENT;
    default:
      return rule.class satisfies never;
  }
}

/** As the vault knows it, where a tenant's administrator has to act exactly if access was blocked. */
function reasonOf(rule: VerdictRule | undefined): string {
  if (rule?.class !== 'dead' || rule.confirm) return '';
  return rule.resolver === 'tenant_admin' ? 'admin_blocked' : (rule.reason ?? 'access_withdrawn');
}
