/** How many sources each of eight people has: some get only what goes out at once, some a digest of as many as a mail lists. */
const sourcesOf = [1, 2, 2, 2, 5, 8, 14, 30];
const creators = sourcesOf.flatMap((count, person) => Array<number>(count).fill(person));

/** The number of the person who created a source, by the number of the source. */
export function creatorOf(source: number): number {
  const block = Math.floor(source / creators.length);
  return block * sourcesOf.length + (creators[source % creators.length] ?? 0);
}

/** A name that the mails tell, so that each source is found in the mail that it stands in. */
export const sourceName = (source: number): string => `Storm drive ${source}.`;

/** The numbers of the sources that a mail names, each once. */
export function sourcesIn(text: string): number[] {
  return [
    ...new Set([...text.matchAll(/Storm drive (\d+)\./g)].map(([, number]) => Number(number))),
  ];
}
