import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import type { Use } from './use.ts';
import { needsRenewal, statusOf } from './use-status.ts';

export type DrillEnd = 'all_reacted' | 'stopped' | 'time_over' | 'real_expiry' | 'disconnected';

/** A rehearsed expiry. It lies beside the credential and never touches it. */
export type Drill = {
  /** UUIDv7. */
  id: string;
  /** Counts its events. */
  version: number;
  /** Whose expiry is rehearsed. */
  credentialId: string;
  startedBy: { id: string; name: string };
  startedAtMs: number;
  endsAtMs: number;
  ended?: { atMs: number; why: DrillEnd };
  /** Who is told, as of its start. */
  recipients: { id: string; name: string; reactedAtMs?: number }[];
};

/** The drills of one use: the newest first, which alone may be running. `published` counts the events of all there ever were. */
export type Drills = { published: number; newest: readonly Drill[] };

/** A report is of use for some months; the document it stands in is read with every list. */
export const keptDrills = 10;

export function runningDrill({ drills }: Pick<Use, 'drills'>): Drill | undefined {
  const [newest] = drills?.newest ?? [];
  return newest && !newest.ended ? newest : undefined;
}

/** Something that works and could expire: otherwise there is nothing to rehearse, or the real thing is at hand. */
export function canRehearse({ credential }: Pick<Use, 'credential'>): boolean {
  const status = credential?.status;
  return (
    status === CredentialStatus.HEALTHY ||
    status === CredentialStatus.EXPIRING ||
    status === CredentialStatus.DELAYED
  );
}

export function withDrill<U extends Use>(use: U, drill: Omit<Drill, 'version'>): U {
  const newest = [{ ...drill, version: 1 }, ...(use.drills?.newest ?? [])].slice(0, keptDrills);
  return { ...use, drills: { published: (use.drills?.published ?? 0) + 1, newest } };
}

/** The first reaction of a person counts; with the last person's the drill ends. Undefined: they have reacted before. */
export function withReaction<U extends Use>(use: U, userId: string, nowMs: number): U | undefined {
  const drill = runningDrill(use);
  const mine = drill?.recipients.find(({ id }) => id === userId);
  if (!drill || !mine || mine.reactedAtMs !== undefined) return undefined;
  const recipients = drill.recipients.map((one) =>
    one === mine ? { ...one, reactedAtMs: nowMs } : one,
  );
  const isLast = recipients.every(({ reactedAtMs }) => reactedAtMs !== undefined);
  return withNext(use, {
    ...drill,
    recipients,
    ...(isLast ? { ended: { atMs: nowMs, why: 'all_reacted' as const } } : {}),
  });
}

export function withEndedDrill<U extends Use>(use: U, why: DrillEnd, nowMs: number): U {
  const drill = runningDrill(use);
  return drill ? withNext(use, { ...drill, ended: { atMs: nowMs, why } }) : use;
}

/**
 * Ends a drill whose use is going, or has died for real: from then on the red button stands there alone. It runs with every write of a use, so
 * no way in which a credential dies can forget it.
 */
export function withSettledDrill<U extends Use>(use: U, gone: boolean, nowMs: number): U {
  if (!runningDrill(use)) return use;
  if (gone || !use.credential) return withEndedDrill(use, 'disconnected', nowMs);
  return needsRenewal.has(statusOf(use)) ? withEndedDrill(use, 'real_expiry', nowMs) : use;
}

function withNext<U extends Use>(use: U, drill: Drill): U {
  const { published = 0, newest = [] } = use.drills ?? {};
  const next = { ...drill, version: drill.version + 1 };
  return { ...use, drills: { published: published + 1, newest: [next, ...newest.slice(1)] } };
}
