import type { ShiftableClock } from '@credential-renewal/runtime';

/**
 * Moves our clock, and those of the other processes to the same place. A process that is not there right now is passed over: it is told
 * the time when it starts (`CLOCK_OFFSET_MS`).
 */
export async function advanceTogether(
  clock: ShiftableClock,
  peers: readonly string[],
  ms: number,
): Promise<void> {
  clock.advance(ms);
  const body = JSON.stringify({ offsetMs: clock.offsetMs() });
  await Promise.all(
    peers.map(async (peer) => {
      const answer = await fetch(`${peer}/clock`, { method: 'POST', body }).catch(absent);
      if (answer && !answer.ok)
        throw new Error(`${peer} does not let its clock be moved (${answer.status})`);
    }),
  );
}

function absent(error: unknown): undefined {
  const { cause } = error as { cause?: { code?: string } };
  if (cause?.code === 'ECONNREFUSED' || cause?.code === 'ECONNRESET') return undefined;
  throw error;
}
