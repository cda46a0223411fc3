import { valueAt } from '../provider/json-pointer.ts';
import type { ProviderFile } from './catalogue-schema.ts';
import type { Problem } from './explain-schema-errors.ts';

/**
 * A source of a fact that is not there is a slip of the pen. `file`: the one that names the sources, for they speak of what
 * stands beside them and not of what another file has laid over it.
 */
export function checkSources(sources: ProviderFile['sources'], file: unknown): Problem[] {
  const problems: Problem[] = [];
  const tell = (pointer: string, text: string) => problems.push({ pointer, text });
  for (const [index, source] of (sources ?? []).entries()) {
    for (const [at, pointer] of source.facts.entries()) {
      if (valueAt(file, pointer) === undefined) {
        tell(`/sources/${index}/facts/${at}`, `names ${pointer}, which is not in this file`);
      }
    }
    const { title, url, date, unverified } = source;
    const named = title !== undefined && url !== undefined && date !== undefined;
    if (!named && !unverified) {
      tell(`/sources/${index}`, 'needs title, url and date, or unverified: true');
    }
  }
  return problems;
}
