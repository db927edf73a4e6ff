import { isJobDone } from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import type { GetJobOutcome, JobReport, PutJobOutcome } from '../../ports/wagon-client.ts';
import type { JobObservation } from './snapshot.ts';

interface Memory {
  seenAt: number | undefined;
  /** Since when it is seen to be held. */
  heldAt: number | undefined;
  doneAt: number | undefined;
  silentSince: number | undefined;
  refusedSince: number | undefined;
  last: JobReport | undefined;
}

/**
 * What this process has seen of running assignments: since when a job runs, is over, or is not heard of, by the monotonic clock; and the last that a wagon
 * said, for when it will say no more. Losing it (a restart) only makes waits begin anew.
 */
export class JobMemory {
  readonly #clock: Clock;
  readonly #jobs = new Map<string, Memory>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes an answer about a job, and says what it means with what was known before. */
  note(id: string, answer: GetJobOutcome | PutJobOutcome): JobObservation {
    const now = this.#clock.monotonic();
    const memory = this.#memory(id);
    if (answer.outcome === 'unreachable' || answer.outcome === 'garbage') {
      memory.silentSince ??= now;
      return { outcome: 'silent', message: answer.message, forMs: now - memory.silentSince };
    }
    memory.silentSince = undefined;
    switch (answer.outcome) {
      case 'found':
      case 'accepted':
      case 'same':
        return this.#found(memory, answer.job, now);
      case 'refused':
        memory.refusedSince ??= now;
        return { outcome: 'refused', message: answer.message, forMs: now - memory.refusedSince };
      case 'full':
        return { outcome: 'full', retryAfterMs: answer.retryAfterMs };
      case 'staleEpoch':
        return { outcome: 'fenced' };
      default:
        return { outcome: 'absent' };
    }
  }

  /** The last that was heard of a job. */
  last(id: string): JobReport | undefined {
    return this.#jobs.get(id)?.last;
  }

  /** Keeps of an Objective's jobs only those that are still named. */
  retain(uid: string, ids: ReadonlySet<string>): void {
    for (const id of this.#jobs.keys()) {
      if (id.startsWith(`${uid}.`) && !ids.has(id)) this.#jobs.delete(id);
    }
  }

  #found(memory: Memory, job: JobReport, now: number): JobObservation {
    memory.refusedSince = undefined;
    memory.seenAt ??= now;
    if (job.held) memory.heldAt ??= now;
    else if (memory.heldAt !== undefined) {
      // Time under a hold is not time that it took.
      memory.seenAt += now - memory.heldAt;
      memory.heldAt = undefined;
    }
    memory.last = job;
    if (isJobDone(job.state)) memory.doneAt ??= now;
    else memory.doneAt = undefined;
    const seenForMs = (memory.heldAt ?? now) - memory.seenAt;
    return { outcome: 'found', job, seenForMs, doneForMs: now - (memory.doneAt ?? now) };
  }

  #memory(id: string): Memory {
    const known = this.#jobs.get(id);
    if (known) return known;
    const memory: Memory = {
      seenAt: undefined,
      heldAt: undefined,
      doneAt: undefined,
      silentSince: undefined,
      refusedSince: undefined,
      last: undefined,
    };
    this.#jobs.set(id, memory);
    return memory;
  }
}
