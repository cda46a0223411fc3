import type { CloudEvent, EventLog } from '@credential-renewal/events';
import type { CredentialState } from '@credential-renewal/proto/events/v1/credential';
import { CredentialStatus } from '@credential-renewal/proto/events/v1/credential';
import { msFromDuration } from '@credential-renewal/rpc';
import { expect, vi } from 'vitest';
import { findBrokenSequences } from '../event-history.ts';
import type { RefreshWorld } from './refresh-world.ts';

export const waiting = { timeout: 60_000, interval: 200 };

export async function statesOf(world: RefreshWorld): Promise<(CredentialState | undefined)[]> {
  const found = await Promise.all(
    world.credentials.map((credentialId) => world.vault.getCredential({ credentialId })),
  );
  return found.map(({ state }) => state);
}

/** All are healthy, with access tokens that have more than this long to live. */
export async function expectAllRefreshed(
  { vault, credentials }: Pick<RefreshWorld, 'vault' | 'credentials'>,
  longerThanMs = 30 * 60_000,
): Promise<void> {
  await vi.waitFor(async () => {
    const tokens = await Promise.all(
      credentials.map((credentialId) => vault.readAccessToken({ credentialId })),
    );
    const statuses = tokens.map(({ state }) => state?.status);
    expect(new Set(statuses)).toEqual(new Set([CredentialStatus.HEALTHY]));
    const shortest = Math.min(...tokens.map(({ expiresIn }) => msFromDuration(expiresIn) ?? 0));
    expect(shortest).toBeGreaterThan(longerThanMs);
  }, waiting);
}

/**
 * The events of each credential are 1, 2, 3 ... without a gap or a double, to the state that the vault told; a vault that was
 * killed may publish one again, and its consumers drop what they have seen.
 */
export async function expectEventsInSequence(
  eventLog: EventLog,
  states: readonly (CredentialState | undefined)[],
  { mayRepeat }: { mayRepeat: boolean } = { mayRepeat: false },
): Promise<void> {
  const versions = new Map(states.map((state) => [state?.credentialId, Number(state?.version)]));
  await vi.waitFor(async () => {
    const events = await readTopic(eventLog, 'credential.state');
    const counted = mayRepeat ? [...new Map(events.map((one) => [one.id, one])).values()] : events;
    expect(findBrokenSequences(counted)).toEqual([]);
    const newest = new Map(counted.map(({ subject, sequence }) => [subject, Number(sequence)]));
    expect(newest).toEqual(versions);
  }, waiting);
}

export async function readTopic(eventLog: EventLog, topic: string): Promise<CloudEvent[]> {
  const events: CloudEvent[] = [];
  const { promise: caughtUp, resolve } = Promise.withResolvers<void>();
  const tail = await eventLog.tail({
    topics: [topic],
    from: 'start',
    handle: ({ event }) => void events.push(event),
    caughtUp: resolve,
  });
  await caughtUp;
  await tail.stop();
  return events;
}
