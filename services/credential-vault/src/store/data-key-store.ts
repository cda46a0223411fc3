/** A data key, wrapped by the key-encryption key with its `kid` as context. */
export type StoredDataKey = {
  /** A newer key's is the greater one, so that records can be found by the age of their key (UUIDv7). */
  kid: string;
  wrapped: string;
  createdAtMs: number;
  /** 1, 2, 3 ...: of two that are made at the same moment one takes the number. */
  generation: number;
  /** Since when nobody may encrypt with it; it is removed a while later. */
  retiredAtMs: number | undefined;
};

export type DataKeyStore = {
  /** Oldest first. */
  list(): Promise<StoredDataKey[]>;
  /** False: its generation is taken; then nothing is written. */
  add(key: StoredDataKey): Promise<boolean>;
  /** Puts another wrapping of the same key into the place of `from`. False: that is not what is there. */
  rewrap(kid: string, from: string, to: string): Promise<boolean>;
  /** Changes nothing where it is retired already. */
  retire(kid: string, atMs: number): Promise<void>;
  /** Removes it if it is retired. */
  remove(kid: string): Promise<void>;
};
