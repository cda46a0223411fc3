import type { Source } from '@credential-renewal/gateway/http-types';
import { needsRenewal } from '../credential/credential-status.ts';

/** "6 sources, 2 need renewal, 1 needs more access". `isComplete`: the list has no further page. */
export function sourceSummary(sources: Source[], isComplete: boolean): string {
  const waiting = sources.filter(({ credential }) => needsRenewal(credential.status)).length;
  const asked = sources.filter(({ credential }) => credential.scopeUpgrade !== null).length;
  return `${countSummary(sources.length, waiting, isComplete)}${askedWords(asked)}`;
}

/** To be put behind a count; empty where nothing is asked. */
export function askedWords(asked: number): string {
  return asked === 0 ? '' : `, ${asked} ${asked === 1 ? 'needs' : 'need'} more access`;
}

export function countSummary(total: number, waiting: number, isComplete = true): string {
  const all = `${total}${isComplete ? '' : '+'} ${total === 1 ? 'source' : 'sources'}`;
  if (waiting === 0) return total === 0 ? 'No sources yet' : `${all}, none needs renewal`;
  return `${all}, ${waiting} ${waiting === 1 ? 'needs' : 'need'} renewal`;
}
