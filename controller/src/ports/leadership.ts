/** Whether this process leads, and as which in the row of leaders. */
export interface Leadership {
  /** True while this process holds the Lease, checked against the monotonic clock at each call. */
  isLeader(): boolean;
  /**
   * `leaseTransitions` of the Lease: grows with each change of leader and goes with every order to a wagon, which refuses a lower one. Of the last
   * known leader where this process does not lead; 0 before any is known.
   */
  leaderEpoch(): number;
}
