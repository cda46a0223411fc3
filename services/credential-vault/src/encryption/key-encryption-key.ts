/**
 * The outer key. It never touches a token: it wraps the data keys. A key management service fits behind the same two calls,
 * hence asynchronous. `context` is bound to the result (additional authenticated data).
 */
export type KeyEncryptionKey = {
  /** For messages: `The key file /run/keys/vault.key`. No secret. */
  readonly place: string;
  /** With the newest version of the key. */
  wrap(key: Uint8Array, context: string): Promise<string>;
  /**
   * Rejects with KeyMismatchError when the key or the context is not the one it was wrapped with, KeyMissingError when there is no key,
   * KeyServiceRefusedError or KeyServiceUnavailableError.
   */
  unwrap(wrapped: string, context: string): Promise<Uint8Array>;
  /** Which version of the key wrapped it: to be compared, nothing else. */
  versionOf(wrapped: string): string;
  /** Makes a newer version, which wraps from now on; older ones still open. Absent where only the key service can do that. */
  makeNewer?(): Promise<void>;
  /** Makes the very first version where that is ours to do. Called only while no data key exists; does nothing where there is a key. */
  prepare?(): Promise<void>;
};
