import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  readCredentialVaultConfig,
  startCredentialVault,
} from '@credential-renewal/credential-vault';
import { type EventLog, openEventLog, readEventLogSettings } from '@credential-renewal/events';
import { runService } from '@credential-renewal/runtime';
import { expect, vi } from 'vitest';
import { createReplica } from '../../processes/replica.ts';
import { serverPorts } from '../../servers/server-ports.ts';
import { retryWithinMs, type StartVault } from './vault-in-hand.ts';

export type VaultProcess = {
  start: StartVault;
  /** The events directory, for when it has ended. */
  eventsIn(directory: string): string;
  /** From now on it stores and does not publish. */
  holdEvents(): void;
  /** Events are stored that it would publish now. */
  holdsEvents(): Promise<void>;
  /** Tells it the time of the world. */
  tellTime(offsetMs: number): Promise<void>;
  /** kill -9; the next one publishes again. */
  kill(): Promise<void>;
  pid(): number;
};

const eventsIn = (directory: string) => join(directory, 'vault-events');

/** The vault as a process of its own, with its own event log, which stops before a publication when it is told to. */
export async function planVaultProcess(
  { usualHeap, env }: { usualHeap: boolean; env?: Record<string, string> } = { usualHeap: false },
): Promise<VaultProcess> {
  const [internalPort = 0] = await serverPorts(1);
  let replica: ReturnType<typeof createReplica> | undefined;
  let holdFile = '';
  const running = () => {
    if (!replica) throw new Error('the vault was not started');
    return replica;
  };
  return {
    eventsIn,
    async start({ directory, listenAddress, clock }) {
      holdFile = join(directory, 'hold-events');
      replica ??= createReplica({
        name: 'credential-vault',
        main: 'tests/faults/refresh/vault-process.ts',
        internalPort,
        usualHeap,
        env: {
          ...env,
          LISTEN_ADDRESS: listenAddress,
          STORE_URL: `sqlite:${join(directory, 'vault.db')}`,
          KEY_FILE: join(directory, 'vault.key'),
          EVENT_LOG_URL: `embedded:${eventsIn(directory)}`,
          CONFIRM_REFUSAL_AFTER_MS: String(retryWithinMs),
          MAX_RETRY_DELAY_MS: String(retryWithinMs),
          CLOCK_MAY_SHIFT: 'true',
          HOLD_EVENTS_FILE: holdFile,
        },
      });
      await replica.start({ CLOCK_OFFSET_MS: String(clock.offsetMs()) });
      return { stop: () => running().end('SIGTERM') };
    },
    pid: () => running().pid(),
    holdEvents: () => writeFileSync(holdFile, ''),
    holdsEvents: () =>
      vi.waitFor(() => expect(existsSync(`${holdFile}.held`)).toBe(true), { timeout: 60_000 }),
    async tellTime(offsetMs) {
      const answer = await fetch(`${running().internalUrl}/clock`, {
        method: 'POST',
        body: JSON.stringify({ offsetMs }),
      });
      expect(answer.status).toBe(200);
    },
    async kill() {
      await running().end('SIGKILL');
      rmSync(holdFile, { force: true });
      rmSync(`${holdFile}.held`, { force: true });
    },
  };
}

/** Publishes nothing while the file is there, and says so in a file beside it. */
function holdWhile(holdFile: string, eventLog: EventLog): EventLog {
  return {
    ...eventLog,
    async publish(events) {
      if (existsSync(holdFile)) {
        writeFileSync(`${holdFile}.held`, '');
        await new Promise(() => undefined);
      }
      await eventLog.publish(events);
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  await runService({
    name: 'credential-vault',
    env: process.env,
    internalPort: 0,
    readConfig: readCredentialVaultConfig,
    readEventLogSettings,
    openEventLog: async (settings, deps) =>
      holdWhile(process.env['HOLD_EVENTS_FILE'] ?? '', await openEventLog(settings, deps)),
    start: startCredentialVault,
  });
}
