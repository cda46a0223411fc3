/** One server that a test may break. */
export type ServerNode = {
  /** SIGKILL. What was acknowledged stays. */
  kill(): Promise<void>;
  /** Keeps port and connections and answers nothing, until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Again, on the same port and data; resolves when it answers. One that runs is left alone. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};
