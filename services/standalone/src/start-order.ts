/** Something that was started and can be stopped. */
export type Stoppable = { stop(): Promise<void> };

export type StartOrder = {
  /** Remembers what was started, and answers with it. */
  started<T extends Stoppable>(what: T): T;
  /** The same for a thing that ends in another way. */
  onStop(end: () => void | Promise<void>): void;
  /** Stops everything, the last started first; one that fails does not keep the others from stopping. */
  stopAll(): Promise<void>;
};

/** What was started last depends on what was started before, so it stops first. */
export function createStartOrder(onError: (error: unknown) => void): StartOrder {
  const ends: (() => void | Promise<void>)[] = [];
  return {
    started(what) {
      ends.push(() => what.stop());
      return what;
    },
    onStop(end) {
      ends.push(end);
    },
    async stopAll() {
      for (const end of ends.splice(0).reverse()) {
        try {
          await end();
        } catch (error) {
          onError(error);
        }
      }
    },
  };
}
