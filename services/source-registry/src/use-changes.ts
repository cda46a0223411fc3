import type { Clock } from '@credential-renewal/runtime';
import { withSettledDrill } from './drill.ts';
import { drillEvent } from './drill-event.ts';
import { ChangeContendedError } from './errors.ts';
import { sourceStateEvent } from './source-state-event.ts';
import type { UseStore, UseWrite } from './store/use-store.ts';
import type { Use, UseChange } from './use.ts';

export type UseChanges = {
  /** Stores and announces a new use. */
  create<U extends Use>(change: {
    next: Omit<U, 'version' | 'revision'>;
    audit: UseChange['audit'];
  }): Promise<U>;
  /**
   * Reads the use, asks `decide`, and writes what it says if nobody else wrote meanwhile, or else begins again; so
   * `decide` may run several times and must do nothing itself. Answers with the use as it is then (undefined: there is
   * none, or it was removed).
   */
  change(
    id: string,
    decide: (use: Use) => UseChange | undefined | Promise<UseChange | undefined>,
  ): Promise<Use | undefined>;
};

/** Each lost race means that another writer won one; far more than can wait at once is a fault. */
const maxAttempts = 1_000;

export function createUseChanges(deps: {
  uses: UseStore;
  clock: Clock;
  /** Called when there is something new to publish. */
  onAnnounced: () => void;
}): UseChanges {
  const { uses, clock, onAnnounced } = deps;
  return {
    async create<U extends Use>(change: {
      next: Omit<U, 'version' | 'revision'>;
      audit: UseChange['audit'];
    }) {
      const use = { ...change.next, version: 0, revision: 0 } as U;
      const write = prepare(use, { next: use, announce: true, audit: change.audit }, clock.nowMs());
      await uses.insert(write);
      onAnnounced();
      return write.use as U;
    },

    async change(id, decide) {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const current = await uses.find(id);
        if (!current) return undefined;
        const change = await decide(current);
        if (!change) return current;
        const write = prepare(current, change, clock.nowMs());
        const removed = change.next === 'removed';
        if (await (removed ? uses.remove(write) : uses.replace(write))) {
          if (write.event || write.drillEvent) onAnnounced();
          return removed ? undefined : write.use;
        }
      }
      throw new ChangeContendedError(id);
    },
  };
}

function prepare(current: Use, change: UseChange, nowMs: number): UseWrite {
  const next = change.next === 'removed' ? current : change.next;
  const gone = change.next === 'removed' || next.deleting !== undefined;
  const use: Use = {
    ...withSettledDrill(next, gone, nowMs),
    version: current.version + (change.announce ? 1 : 0),
    revision: current.revision + 1,
  };
  const told = drillEvent(current, use, nowMs);
  return {
    use,
    ...(change.announce ? { event: sourceStateEvent(use, gone, nowMs) } : {}),
    ...(told ? { drillEvent: told } : {}),
    ...(change.audit ? { audit: { ...change.audit, useId: use.id, position: use.revision } } : {}),
  };
}
