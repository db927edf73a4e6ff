import type { Leadership } from '../ports/leadership.ts';
import type { LeaderElection } from '../runtime/leader-election.ts';

/** Leadership as an election decides it. Made before the election, since what it fences is, too. */
export class ElectedLeadership implements Leadership {
  #election: Pick<LeaderElection, 'isLeader' | 'epoch' | 'leader'> | undefined;

  /** From now on this election decides. */
  follow(election: Pick<LeaderElection, 'isLeader' | 'epoch' | 'leader'>): void {
    this.#election = election;
  }

  isLeader(): boolean {
    return this.#election?.isLeader() ?? false;
  }

  leaderEpoch(): number {
    return this.#election?.epoch ?? this.#election?.leader?.epoch ?? 0;
  }
}
