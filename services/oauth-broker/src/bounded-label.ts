/** What all further values are counted under. */
const rest = 'other';

/**
 * Bounds the values of a metric's label that callers choose: each value is a time series that lives as long as the process, here and where it is
 * collected. The first `most` keep their names.
 */
export function createBoundedLabel(most: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= most) return rest;
    known.add(value);
    return value;
  };
}
