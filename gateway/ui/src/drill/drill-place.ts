/** Where a drill is held. */
export type DrillPlace = { kind: 'source' | 'authorized-connection'; id: string };

/** The path of its drills below `/api/v1`. */
export function drillsPath({ kind, id }: DrillPlace): string {
  const base = kind === 'source' ? 'sources' : 'authorized-connections';
  return `/${base}/${encodeURIComponent(id)}/drills`;
}
