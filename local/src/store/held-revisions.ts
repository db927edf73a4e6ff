/** Revisions that somebody is still reading from: compaction leaves alone what they see. */
export class HeldRevisions {
  readonly #held = new Set<{ readonly rev: number }>();

  /** The oldest one; infinite where none is held. */
  get oldest(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { rev } of this.#held) oldest = Math.min(oldest, rev);
    return oldest;
  }

  /** Holds a revision. @returns what gives it free again */
  hold(rev: number): () => void {
    const held = { rev };
    this.#held.add(held);
    return () => void this.#held.delete(held);
  }
}
