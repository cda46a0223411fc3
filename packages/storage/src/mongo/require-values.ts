/**
 * Refuses a condition that has a field without a value. The driver would leave the field out, and the condition would be true
 * of everybody's documents.
 */
export function requireValues(condition: unknown, path = ''): void {
  if (condition === undefined) {
    throw new TypeError(
      `The condition on ${path} has no value and would be true of every document.`,
    );
  }
  if (typeof condition !== 'object' || condition === null || condition instanceof Date) return;
  for (const [name, value] of Object.entries(condition)) {
    requireValues(value, path === '' ? name : `${path}.${name}`);
  }
}
