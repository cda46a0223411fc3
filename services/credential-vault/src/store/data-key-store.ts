/** A data key, wrapped by the key-encryption key with its `kid` as context. */
export type StoredDataKey = { kid: string; wrapped: string; createdAtMs: number };

export type DataKeyStore = {
  /** Oldest first. */
  list(): Promise<StoredDataKey[]>;
  /**
   * False: there is one with this `kid` already, which `list` shows, and nothing was written. Of any number of concurrent calls one
   * answers true.
   */
  add(key: StoredDataKey): Promise<boolean>;
};
