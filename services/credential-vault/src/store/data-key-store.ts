/** A data key, wrapped by the key-encryption key with its `kid` as context. */
export type StoredDataKey = { kid: string; wrapped: string; createdAtMs: number };

export type DataKeyStore = {
  /** Oldest first. */
  list(): Promise<StoredDataKey[]>;
  add(key: StoredDataKey): Promise<void>;
};
