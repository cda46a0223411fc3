export type AuditAction =
  | 'source.created'
  | 'source.deleted'
  | 'source.taken-over'
  | 'connection.created'
  | 'connection.deleted'
  | 'connection.shared'
  | 'credential.authorized'
  | 'credential.expired'
  | 'credential.insufficient-scope'
  | 'credential.renewed'
  | 'credential.recovered'
  | 'credential.account-switched'
  | 'credential.gone'
  | 'drill.started'
  | 'drill.reacted'
  | 'drill.ended';

/** One thing that happened to a source or connection, told in a plain sentence. */
export type AuditEntry = {
  useId: string;
  /** The revision of the use that it tells of: unique and rising per use. */
  position: number;
  timeMs: number;
  /** The name of the user, or of the part of the system. */
  actorName: string;
  action: AuditAction;
  text: string;
};
