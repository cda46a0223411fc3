/** Every way to merge the lists into one that keeps the order of each. */
export function interleavings<T>(lists: readonly (readonly T[])[]): T[][] {
  const waiting = lists.filter((list) => list.length > 0);
  if (waiting.length === 0) return [[]];
  return waiting.flatMap((list) => {
    const [first, ...rest] = list as [T, ...T[]];
    const others = waiting.map((other) => (other === list ? rest : other));
    return interleavings(others).map((order) => [first, ...order]);
  });
}
