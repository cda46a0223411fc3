/** What Prometheus would read of a process. */
export async function readMetrics(internalUrl: string): Promise<string> {
  const answer = await fetch(`${internalUrl}/metrics`);
  return answer.text();
}

/** Names of the metrics in Prometheus' text format, with their types. */
export function metricTypes(texts: readonly string[]): Map<string, string> {
  const lines = texts.flatMap((text) => [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]);
  return new Map(lines.map(([, name = '', type = '']) => [name, type]));
}

/** The sum of all samples of that name whose labels contain these, as they are written. */
export function sumOf(texts: readonly string[], name: string, ...labels: string[]): number {
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
