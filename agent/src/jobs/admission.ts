import type { JobRecord } from '../journal/job-record.ts';

/** All that decides whether an assignment is taken. */
export interface AdmissionFacts {
  /** What came. */
  inputsDigest: string;
  bodyDigest: string;
  leaderEpoch: number;
  attempt: number;
  /** What is known. */
  held: Pick<JobRecord, 'inputsDigest' | 'bodyDigest'> | undefined;
  leaderEpochSeen: number;
  /** Highest attempt held for this round or task; 0 where there is none. */
  newestAttempt: number;
  cancelledUnseen: boolean;
  /** Jobs that hold a slot, without those that this assignment replaces. */
  active: number;
  capacity: number;
  stopping: boolean;
}

export type Admission =
  | { decision: 'create' }
  | { decision: 'same' }
  /** The wagon holds the id with another body. */
  | { decision: 'differs'; heldDigest: string }
  /** A leader that was replaced gives no orders. */
  | { decision: 'stale-epoch' }
  /** A younger attempt is here, or this one was cancelled before it came: the order is an old one that was late. */
  | { decision: 'superseded' }
  | { decision: 'full' }
  | { decision: 'stopping' };

/** Judges an assignment. Pure: the same facts give the same decision. */
export function judgeAssignment(facts: AdmissionFacts): Admission {
  const { held } = facts;
  if (facts.leaderEpoch < facts.leaderEpochSeen) return { decision: 'stale-epoch' };
  if (held !== undefined) {
    const same = held.inputsDigest === facts.inputsDigest && held.bodyDigest === facts.bodyDigest;
    return same ? { decision: 'same' } : { decision: 'differs', heldDigest: held.inputsDigest };
  }
  if (facts.stopping) return { decision: 'stopping' };
  if (facts.cancelledUnseen || facts.newestAttempt > facts.attempt) return { decision: 'superseded' };
  return facts.active < facts.capacity ? { decision: 'create' } : { decision: 'full' };
}
