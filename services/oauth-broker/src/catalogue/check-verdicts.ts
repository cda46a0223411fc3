import type { VerdictRule } from './verdict-schema.ts';

type Tell = (pointer: string, text: string) => void;

/** Statuses under which nothing is said about a grant: too many requests, too slow, or the provider's own trouble. */
const noWordAboutAGrant = new Set([408, 421, 425, 429]);

export function checkVerdicts(rules: readonly VerdictRule[], tell: Tell): void {
  for (const [index, rule] of rules.entries()) {
    const pointer = `/verdicts/${index}`;
    if (rule.class !== 'dead') {
      for (const key of ['confirm', 'reason', 'resolver'] as const) {
        if (rule[key] !== undefined)
          tell(`${pointer}/${key}`, `is for class dead, not ${rule.class}`);
      }
    }
    if (rule.class !== 'operator' && rule.certain !== undefined) {
      tell(`${pointer}/certain`, `is for class operator, not ${rule.class}`);
    }
    if (rule.reason === 'admin_blocked' && rule.resolver === 'user') {
      tell(`${pointer}/resolver`, 'is user, but what an administrator blocked, a user cannot mend');
    }
    if (rule.class === 'dead') checkDead(rules, rule, index, tell);
    if (rule.description !== undefined && !isPattern(rule.description)) {
      tell(`${pointer}/description`, 'is not a regular expression');
    }
  }
}

function checkDead(
  rules: readonly VerdictRule[],
  rule: VerdictRule,
  index: number,
  tell: Tell,
): void {
  const pointer = `/verdicts/${index}`;
  for (const status of rule.status ?? []) {
    const ofAGrant = status === 200 || (status >= 400 && status < 500);
    if (!ofAGrant || noWordAboutAGrant.has(status)) {
      tell(`${pointer}/status`, `lists ${status}, which says nothing about a grant`);
    }
  }
  if (rule.description === undefined && rule.number === undefined) return;
  const errors = listOf(rule.error);
  const backed = errors.every((error) =>
    rules
      .slice(index + 1)
      .some(
        (other) =>
          other.class === 'dead' &&
          listOf(other.error).includes(error) &&
          other.description === undefined &&
          other.number === undefined &&
          other.suberror === undefined,
      ),
  );
  if (!backed) {
    tell(
      pointer,
      'calls a grant dead by a text or number; below it a rule has to say dead for the error alone',
    );
  }
}

export function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source, 'i');
    return true;
  } catch {
    return false;
  }
}
