import type { Source } from '@credential-renewal/gateway/http-types';
import { needsRenewal } from '../credential/credential-status.ts';

/** "6 sources, 2 need renewal". `isComplete`: the list has no further page. */
export function sourceSummary(sources: Source[], isComplete: boolean): string {
  const waiting = sources.filter(({ credential }) => needsRenewal(credential.status)).length;
  return countSummary(sources.length, waiting, isComplete);
}

export function countSummary(total: number, waiting: number, isComplete = true): string {
  const all = `${total}${isComplete ? '' : '+'} ${total === 1 ? 'source' : 'sources'}`;
  if (waiting === 0) return total === 0 ? 'No sources yet' : `${all}, none needs renewal`;
  return `${all}, ${waiting} ${waiting === 1 ? 'needs' : 'need'} renewal`;
}
