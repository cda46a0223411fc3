/**
 * The outer key. It never touches a token: it wraps the data keys. A key management service fits behind the same two calls,
 * hence asynchronous. `context` is bound to the result (additional authenticated data).
 */
export type KeyEncryptionKey = {
  wrap(key: Uint8Array, context: string): Promise<string>;
  /** Rejects when the key or the context is not the one it was wrapped with. */
  unwrap(wrapped: string, context: string): Promise<Uint8Array>;
};
