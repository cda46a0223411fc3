/** RFC 3339, UTC. A message that lacks a time it must have is a fault of the service that sent it. */
export function requiredTime(time: Date | undefined, field: string): string {
  if (!time) throw new Error(`a service answered without ${field}`);
  return time.toISOString();
}

export function optionalTime(time: Date | undefined): string | null {
  return time?.toISOString() ?? null;
}

/** For message fields that proto3 cannot declare as required. */
export function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new Error(`a service answered without ${field}`);
  return value;
}
