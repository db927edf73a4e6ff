import type { Assignment } from '@dark-carnival/crds';
import type { DebateEvent } from '../debate/round.ts';
import type { JobRecord } from '../journal/job-record.ts';

/** Is told how jobs go, for metrics and traces. Must not throw. */
export interface JobObserver {
  /** Something happened in a debate. */
  heard(assignment: Pick<Assignment, 'id' | 'objective'>, event: DebateEvent): void;
  /** A job has ended, and this is written down. */
  ended(record: JobRecord): void;
}
