import type { Heartbeat } from '@dark-carnival/crds';

/** What is known of one wagon's life. */
export interface LivenessView {
  /**
   * Milliseconds since the wagon was last heard, by this process's monotonic clock at receipt. After a start, and after a stall of this process, the
   * age counts from then: what nobody could have heard is not held against a wagon.
   */
  ageMs: number;
  /** Milliseconds since the last heartbeat that was really received; undefined where none came since this process started. */
  heardAgoMs: number | undefined;
  /** Wall-clock time of that heartbeat, RFC 3339. */
  heardAt: string | undefined;
  /** The last heartbeat; undefined where none came since this process started. */
  heartbeat: Heartbeat | undefined;
}

/** Names a wagon whose life changed. */
export type LivenessListener = (namespace: string, name: string) => void;

/**
 * Last-seen of every wagon, in memory of the leader (facts/operators.md §1.4): heartbeats cost no API write. Ages are monotonic, so a jump of
 * the wall clock evicts nobody.
 */
export interface Liveness {
  /** Takes in a heartbeat that has been authenticated. */
  record(namespace: string, name: string, heartbeat: Heartbeat): void;
  view(namespace: string, name: string): LivenessView;
  /** Forgets a wagon whose object is gone. */
  forget(namespace: string, name: string): void;
  /**
   * Calls back when a heartbeat says something new (the first one, or the first after a silence; another instance, address, provider health, load, keys held), not for each beat.
   * @returns a function that ends the subscription.
   */
  onChange(listener: LivenessListener): () => void;
}
