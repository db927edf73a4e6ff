import type { Leadership } from '../ports/leadership.ts';
import type { LeaderElection } from '../runtime/leader-election.ts';
import type { Leader } from '../runtime/lease.ts';

/** Leadership as an election decides it. Made before the election, since what it fences is, too. */
export class ElectedLeadership implements Leadership {
  #election: Pick<LeaderElection, 'isLeader' | 'epoch' | 'leader' | 'holder'> | undefined;

  /** From now on this election decides. */
  follow(election: Pick<LeaderElection, 'isLeader' | 'epoch' | 'leader' | 'holder'>): void {
    this.#election = election;
  }

  isLeader(): boolean {
    return this.#election?.isLeader() ?? false;
  }

  /** Another process that leads, as the Lease says; undefined where it names nobody, or this one. */
  otherLeader(): Leader | undefined {
    if (this.isLeader()) return undefined;
    const leader = this.#election?.leader;
    return leader?.identity === this.#election?.holder ? undefined : leader;
  }

  leaderEpoch(): number {
    return this.#election?.epoch ?? this.#election?.leader?.epoch ?? 0;
  }
}
