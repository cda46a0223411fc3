import type { DrillPlace } from '../drill/drill-place.ts';

/** The first word groups reads that a live event refreshes together. */
export const queryKeys = {
  me: ['me'],
  connectors: ['connectors'],
  users: ['users'],
  allSources: ['sources'],
  mySources: ['sources', 'mine'],
  workspaceSources: (workspaceId: string) => ['sources', 'workspace', workspaceId],
  source: (sourceId: string) => ['sources', 'one', sourceId],
  allWorkspaces: ['workspaces'],
  workspaces: ['workspaces', 'list'],
  workspaceChoice: ['workspaces', 'choice'],
  workspace: (workspaceId: string) => ['workspaces', 'one', workspaceId],
  allConnections: ['connections'],
  connections: ['connections', 'list'],
  connectionChoice: ['connections', 'choice'],
  connection: (connectionId: string) => ['connections', 'one', connectionId],
  preferences: ['preferences'],
  allDeliveries: ['deliveries'],
  sourceDeliveries: (sourceId: string) => ['deliveries', 'source', sourceId],
  allDrills: ['drills'],
  drills: (place: DrillPlace) => ['drills', place.kind, place.id],
  allHistory: ['history'],
  sourceHistory: (sourceId: string) => ['history', 'source', sourceId],
  connectionHistory: (connectionId: string) => ['history', 'connection', connectionId],
  authorization: (authorizationId: string) => ['authorizations', authorizationId],
} as const;
