/** A server's side of a stream, as far as ending it goes. */
export type OpenStream = {
  end(): void;
  on(event: 'cancelled' | 'close' | 'finish', listener: () => void): unknown;
};

/** The streams (health watches, reflection) that clients hold open, and that a drain would otherwise wait for. */
export type OpenStreams = {
  add(stream: OpenStream): void;
  endAll(): void;
};

export function createOpenStreams(): OpenStreams {
  const streams = new Set<OpenStream>();
  return {
    add(stream) {
      streams.add(stream);
      for (const event of ['cancelled', 'close', 'finish'] as const) {
        stream.on(event, () => streams.delete(stream));
      }
    },
    endAll() {
      for (const stream of streams) stream.end();
    },
  };
}
