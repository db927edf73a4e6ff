/** One state of an object, as the log keeps it. */
export interface StoredState {
  /** The revision that wrote it. */
  readonly rev: number;
  readonly bytes: Buffer;
}
