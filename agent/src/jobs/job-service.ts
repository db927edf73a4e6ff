import { createHash } from 'node:crypto';
import {
  type Assignment,
  canonicalJson,
  type JobStatus,
  jobStatusSchema,
  parseJobID,
  type Seat,
} from '@dark-carnival/crds';
import { sleep } from '@dark-carnival/crds/clock';
import { clip } from '@dark-carnival/crds/text';
import type { JobEnding, JobRecord } from '../journal/job-record.ts';
import { type Admission, judgeAssignment } from './admission.ts';
import { runDebate } from './debate-job.ts';
import { Hibernating, toJobFailure } from './failure.ts';
import { Hold } from './hold.ts';
import type { JobDeps } from './job-context.ts';
import { progressOf, toJobStatus } from './job-status.ts';
import { runTask } from './task-job.ts';

/** Ended jobs that are kept for whoever asks. */
const RETENTION = { count: 500, ageMs: 7 * 24 * 3_600_000 };
/** Wait before another try to write down how a job ended, where the journal cannot be written. */
const FINISH_RETRY_MS = 5000;

interface RunningJob {
  cancelled: AbortController;
  interrupted: AbortController;
  hold: Hold;
  done: Promise<void>;
  activeSeat?: Seat | undefined;
}

export interface JobServiceOptions {
  /** Jobs that are worked on at once. */
  capacity: number;
  /** Told when a slot was taken or freed. */
  onSlots: () => void;
}

export type PutResult =
  | Exclude<Admission, { decision: 'create' | 'same' }>
  | { decision: 'create'; status: JobStatus }
  | { decision: 'same'; status: JobStatus };

/** The jobs of a wagon: takes them, does them, tells of them. What it says is what the journal holds. */
export class JobService {
  readonly #deps: JobDeps;
  readonly #options: JobServiceOptions;
  readonly #running = new Map<string, RunningJob>();
  readonly #stopped = new AbortController();

  constructor(deps: JobDeps, options: JobServiceOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get slots(): { running: number; capacity: number } {
    const running = [...this.#running.values()].filter(({ hold }) => !hold.parked).length;
    return { running, capacity: this.#options.capacity };
  }

  /** Goes on with every job that has not ended. Called once, before anything is taken. @returns how many. */
  resume(): number {
    const { journal, clock, say } = this.#deps;
    const lost = journal.steps.loseAllInFlight();
    if (lost > 0) say('warn', `${lost} calls were in flight when the wagon ended: booked at their reservation`);
    journal.jobs.prune(RETENTION, clock.now());
    const unfinished = journal.jobs.unfinished();
    for (const record of unfinished) this.#start(record);
    return unfinished.length;
  }

  /** Takes an assignment. What was taken is on disk before this returns. @throws where the journal cannot be written. */
  put(assignment: Assignment): PutResult {
    const { journal, clock } = this.#deps;
    const bodyDigest = digestOfBody(assignment);
    const admission = this.#judge(assignment, bodyDigest);
    if (admission.decision !== 'create' && admission.decision !== 'same') return admission;
    if (admission.decision === 'same') {
      journal.raiseLeaderEpoch(assignment.leaderEpoch);
      return { decision: 'same', status: this.#mustHave(assignment.id) };
    }
    for (const id of this.#replacedBy(assignment.id)) this.cancel(id);
    const record = journal.atomically(() => {
      journal.raiseLeaderEpoch(assignment.leaderEpoch);
      return journal.jobs.insert(assignment, bodyDigest, new Date(clock.now()).toISOString());
    });
    this.#announce(record, 'Accepted');
    this.#start(record);
    return { decision: 'create', status: this.#mustHave(assignment.id) };
  }

  /** The truth about a job, or undefined where there is none. */
  status(id: string): JobStatus | undefined {
    const record = this.#deps.journal.jobs.find(id);
    if (record === undefined) return undefined;
    const { activeSeat, hold } = this.#running.get(id) ?? {};
    return toJobStatus(record, this.#deps.journal.steps.usage(id), { activeSeat, parked: hold?.parked });
  }

  /**
   * Holds a job, or lets it go on. Written down before it counts, so that a restart keeps it.
   * @returns its status, or undefined for one that never came: should it come late, it comes in held.
   */
  hold(id: string, held: boolean): JobStatus | undefined {
    const { journal, clock } = this.#deps;
    const at = held ? new Date(clock.now()).toISOString() : undefined;
    if (journal.jobs.find(id) === undefined) {
      journal.jobs.holdUnseen(id, at);
      return undefined;
    }
    journal.jobs.hold(id, at);
    this.#running.get(id)?.hold.set(held);
    return this.status(id);
  }

  /** Ends a job where it stands. @returns its status, or undefined for one that never came: should it come late, it is not started. */
  cancel(id: string): JobStatus | undefined {
    const { journal, clock } = this.#deps;
    const record = journal.jobs.find(id);
    const at = new Date(clock.now()).toISOString();
    if (record === undefined) {
      journal.jobs.cancelUnseen(id, at);
      return undefined;
    }
    const output = progressOf(record, undefined);
    if (journal.jobs.finish(id, { state: 'Cancelled', output }, at)) this.#announce(record, 'Cancelled');
    const running = this.#running.get(id);
    running?.cancelled.abort(new Error('the job was cancelled'));
    running?.interrupted.abort();
    return this.status(id);
  }

  /** Whether a leader of this epoch may give orders; remembers it where it is the highest so far. */
  admitEpoch(epoch: number): boolean {
    if (epoch < this.#deps.journal.leaderEpoch) return false;
    this.#deps.journal.raiseLeaderEpoch(epoch);
    return true;
  }

  get leaderEpoch(): number {
    return this.#deps.journal.leaderEpoch;
  }

  /** Starts no further call, lets those in flight end for up to `graceMs`, and leaves unfinished jobs to the next start. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped.abort();
    for (const { interrupted } of this.#running.values()) interrupted.abort();
    const all = Promise.all([...this.#running.values()].map(({ done }) => done));
    const ended = new AbortController();
    void all.then(() => ended.abort());
    await sleep(this.#deps.clock, graceMs, ended.signal);
  }

  #judge(assignment: Assignment, bodyDigest: string): Admission {
    const { journal } = this.#deps;
    const { id, inputsDigest, leaderEpoch } = assignment;
    return judgeAssignment({
      inputsDigest,
      bodyDigest,
      leaderEpoch,
      attempt: parseJobID(id)?.attempt ?? 0,
      held: journal.jobs.find(id),
      leaderEpochSeen: journal.leaderEpoch,
      newestAttempt: journal.jobs.newestAttempt(id),
      cancelledUnseen: journal.jobs.wasCancelledUnseen(id),
      active: this.#activeWithout(this.#replacedBy(id)),
      capacity: this.#options.capacity,
      stopping: this.#stopped.signal.aborted,
    });
  }

  /** Earlier attempts at the same round or task that are still at work: the controller has given them up. */
  #replacedBy(id: string): string[] {
    const part = id.slice(0, id.lastIndexOf('.') + 1);
    return [...this.#running.keys()].filter((other) => other.startsWith(part) && other !== id);
  }

  #activeWithout(replaced: string[]): number {
    const holds = ([id, { cancelled, hold }]: [string, RunningJob]) =>
      !cancelled.signal.aborted && !hold.parked && !replaced.includes(id);
    return [...this.#running].filter(holds).length;
  }

  #start(record: JobRecord): void {
    const job: RunningJob = {
      cancelled: new AbortController(),
      interrupted: new AbortController(),
      hold: this.#holdOf(record),
      done: Promise.resolve(),
    };
    this.#running.set(record.id, job);
    this.#options.onSlots();
    job.done = this.#work(record, job).finally(() => {
      this.#running.delete(record.id);
      this.#slotsChanged();
    });
  }

  #holdOf({ heldAt }: JobRecord): Hold {
    return new Hold({
      clock: this.#deps.clock,
      since: heldAt === undefined ? undefined : Date.parse(heldAt),
      slotIsFree: () => this.#activeWithout([]) < this.#options.capacity,
      onParked: () => this.#slotsChanged(),
    });
  }

  #slotsChanged(): void {
    for (const { hold } of this.#running.values()) hold.look();
    this.#options.onSlots();
  }

  async #work(record: JobRecord, job: RunningJob): Promise<void> {
    const { journal, say } = this.#deps;
    try {
      const ending = await this.#perform(record, job);
      await this.#finish(record, job, () => ending);
    } catch (error) {
      if (error instanceof Hibernating || job.cancelled.signal.aborted) return;
      const { reason, message } = toJobFailure(error);
      if (reason === 'Internal')
        say('error', `Job failed: ${message}`, { objective: record.objective, jobID: record.id });
      await this.#finish(record, job, () => {
        const output = progressOf(journal.jobs.find(record.id) ?? record, undefined);
        return { state: 'Failed', reason, message, output };
      });
    }
  }

  async #perform(record: JobRecord, job: RunningJob): Promise<JobEnding> {
    const { journal, clock } = this.#deps;
    const { assignment } = record;
    if (assignment === undefined) throw new Error('the journal holds no assignment for this job');
    journal.jobs.start(record.id, new Date(clock.now()).toISOString());
    this.#announce(record, 'Running');
    const { cancelled, interrupted, hold } = job;
    const context = { assignment, cancelled: cancelled.signal, interrupted: interrupted.signal, hold };
    if (assignment.task !== undefined) return runTask(assignment.task, context, this.#deps);
    if (assignment.debate === undefined) throw new Error('the assignment is of a kind that this wagon does not know');
    return runDebate(assignment.debate, record.turns, context, this.#deps, (seat) => {
      job.activeSeat = seat;
    });
  }

  /**
   * Writes the end of a job down. A job whose end cannot be written has not ended: this is tried until it can, or the wagon stops. Never rejects.
   */
  async #finish(record: JobRecord, job: RunningJob, endingNow: () => JobEnding): Promise<void> {
    const { journal, clock, say } = this.#deps;
    while (!job.cancelled.signal.aborted) {
      try {
        const ending = this.#checked(record, endingNow());
        const now = clock.now();
        if (journal.jobs.finish(record.id, ending, new Date(now).toISOString()))
          this.#announce(record, ending.state, ending.reason);
        journal.jobs.prune(RETENTION, now);
        return;
      } catch (error) {
        say('error', `The journal cannot be written: ${error instanceof Error ? error.message : String(error)}`);
        if (!(await sleep(clock, FINISH_RETRY_MS, job.interrupted.signal))) return;
      }
    }
  }

  /** What breaks the contract is not told as a result: whoever reads it would refuse it, again and again. */
  #checked(record: JobRecord, given: JobEnding): JobEnding {
    const { scrub } = this.#deps;
    const said = given.message === undefined ? {} : { message: clip(scrub(given.message), 1024) };
    const ending = { ...given, ...said };
    const usage = this.#deps.journal.steps.usage(record.id);
    const parsed = jobStatusSchema.safeParse(toJobStatus({ ...record, ...ending }, usage));
    if (parsed.success) return ending;
    const issue = parsed.error.issues[0];
    const message = clip(`the result breaks the contract: ${issue?.path.join('.')} ${issue?.message}`, 1024);
    return { state: 'Failed', reason: 'Internal', message };
  }

  #announce({ id, objective }: JobRecord, state: JobStatus['state'], reason?: string): void {
    const { emit, say } = this.#deps;
    const why = reason === undefined ? {} : { reason };
    emit({ type: 'job-state', objective, jobID: id, state, ...why });
    if (state === 'Accepted' || state === 'Running') return;
    this.#tellEnd(id);
    const words = reason === undefined ? `Job ${state.toLowerCase()}` : `Job ${state.toLowerCase()}: ${reason}`;
    say(state === 'Failed' ? 'warn' : 'info', words, { objective, jobID: id });
  }

  #tellEnd(id: string): void {
    const { journal, observer } = this.#deps;
    const record = observer && journal.jobs.find(id);
    if (record) observer.ended(record);
  }

  #mustHave(id: string): JobStatus {
    const status = this.status(id);
    if (status === undefined) throw new Error(`job ${id} is not in the journal`);
    return status;
  }
}

/** Over what the assignment asks for. The leader's epoch is of the messenger, not of the message. */
function digestOfBody({ id, objective, inputsDigest, grant, debate, task }: Assignment): string {
  const body = canonicalJson({ id, objective, inputsDigest, grant, debate, task });
  return createHash('sha256').update(body).digest('hex');
}
