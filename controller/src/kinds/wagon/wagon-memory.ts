/** What this process remembers of a wagon. All times are monotonic. */
interface Remembered {
  /** uid of the object that `firstSeenAt` is of. */
  uid?: string;
  firstSeenAt?: number;
  vaultWrittenAt?: number;
  awaitingWrittenAt?: number;
}

/** Remembers of each wagon, by key, what would be wrong to ask the API for: only how long this process itself has known something. */
export class WagonMemory {
  readonly #wagons = new Map<string, Remembered>();

  of(key: string): Readonly<Remembered> {
    return this.#wagons.get(key) ?? {};
  }

  note(key: string, what: Remembered): void {
    this.#wagons.set(key, { ...this.#wagons.get(key), ...what });
  }

  /** When this process first looked at the object; one made anew under the name is another one. */
  firstSeen(key: string, uid: string, now: number): number {
    const known = this.of(key);
    if (known.uid === uid && known.firstSeenAt !== undefined) return known.firstSeenAt;
    this.note(key, { uid, firstSeenAt: now });
    return now;
  }

  forget(key: string): void {
    this.#wagons.delete(key);
  }
}
