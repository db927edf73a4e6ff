import type { Assignment, ObjectiveRef, WagonEventBody } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { HoldRound } from '../debate/round.ts';
import type { Journal } from '../journal/journal.ts';
import type { Lease } from '../lease/lease.ts';
import type { WaitingRoom } from '../lease/waiting-room.ts';
import type { LLMFactory } from '../providers/llm-factory.ts';
import type { Vault } from '../vault/vault.ts';
import type { Hold } from './hold.ts';
import type { JobObserver } from './job-observer.ts';

/** Tells people: as a log line, and as an event of the wagon's stream. */
export type Say = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  about?: { objective?: ObjectiveRef; jobID?: string },
) => void;

/** What jobs are done with. */
export interface JobDeps {
  journal: Journal;
  vault: Vault;
  lease: Lease;
  factory: Pick<LLMFactory, 'complete' | 'reservation' | 'digest' | 'holds'>;
  /** Woken when providers were granted. */
  granted: WaitingRoom;
  holdRound: HoldRound;
  clock: Clock;
  emit: (event: WagonEventBody) => void;
  say: Say;
  /** Takes known secrets out of a text. */
  scrub: (text: string) => string;
  /** Told after each call: a provider's health may have changed. */
  onCall: () => void;
  /** Told how jobs go; absent: nobody listens. */
  observer?: JobObserver;
}

/** One job while this process works on it. */
export interface JobContext {
  assignment: Assignment;
  /** Ends everything at once: the job was cancelled, and a call in flight with it. */
  cancelled: AbortSignal;
  /** Ends waiting: the job was cancelled, or the wagon stops. A call in flight goes on. */
  interrupted: AbortSignal;
  /** Whether a call of it may begin. */
  hold: Hold;
}
