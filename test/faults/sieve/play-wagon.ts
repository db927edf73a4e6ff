import {
  type Assignment,
  canonicalJson,
  type Heartbeat,
  type JobStatus,
  nodeIdToName,
  parseJobID,
  SEATS,
  type Turn,
  type Usage,
  type WagonEvent,
  type WagonEventBody,
} from '@dark-carnival/crds';
import type { Clock } from '@dark-carnival/crds/clock';
import { judgeAssignment } from '../../../agent/src/jobs/admission.ts';
import { RenewableLease } from '../../../agent/src/lease/lease.ts';
import type { CancelJobOutcome, GetJobOutcome, PutJobOutcome } from '../../../controller/src/ports/wagon-client.ts';
import { aTurn, honestResult } from '../../../controller/testing/scripted-answers.ts';

/** How long a model takes for an answer. */
const ANSWER_MS = 2_000;
const LEASE_MS = 25_000;

/** One call of a model: `lost` is one that was in flight when its wagon died. */
export interface Purchase {
  /** What was asked: round and seat, or the task. The same question is the same key, whatever the attempt. */
  readonly key: string;
  readonly wagon: string;
  readonly jobID: string;
  outcome: 'in flight' | 'answered' | 'cancelled' | 'lost';
}

interface Held {
  readonly assignment: Assignment;
  readonly body: string;
  status: JobStatus;
  cancelled: boolean;
}

/**
 * A wagon on the clock of the play: its rules of admission and its lease are the real ones, its journal is a map that outlives a controller, and its model takes
 * two seconds for an answer.
 */
export class PlayWagon {
  readonly nodeID: string;
  readonly name: string;
  readonly purchases: Purchase[] = [];
  /** `<job> <file>` of each file that was committed. */
  readonly files: string[] = [];
  /** Every assignment that came, `<id> <body>`, also what was refused. */
  readonly puts: { readonly id: string; readonly body: string; readonly at: number }[] = [];
  /** Ids of jobs whose model does not answer until they are cancelled. */
  holds: (assignment: Assignment) => boolean = () => false;
  onEvent: (event: WagonEvent) => void = () => {};
  readonly #clock: Clock;
  #jobs = new Map<string, Held>();
  #lease: RenewableLease;
  #cancelledUnseen = new Set<string>();
  #epoch = 0;
  #seq = 0;
  #life = 1;
  #dead = false;

  constructor(nodeID: string, clock: Clock) {
    this.nodeID = nodeID;
    this.name = nodeIdToName(nodeID);
    this.#clock = clock;
    this.#lease = new RenewableLease(clock);
  }

  get isDead(): boolean {
    return this.#dead;
  }

  get address(): string {
    return `http://${this.name}.example`;
  }

  get instanceID(): string {
    return `${this.name}-${this.#life}`;
  }

  /** Jobs that are at work. */
  get running(): string[] {
    return [...this.#jobs.values()].filter(({ status }) => status.state === 'Running').map(({ status }) => status.id);
  }

  die(): void {
    this.#dead = true;
    for (const purchase of this.purchases) if (purchase.outcome === 'in flight') purchase.outcome = 'lost';
  }

  /** A new one under the same name, with an empty disk. */
  begin(): void {
    this.#life += 1;
    this.#dead = false;
    this.#jobs = new Map();
    this.#cancelledUnseen = new Set();
    this.#lease = new RenewableLease(this.#clock);
    this.holds = () => false;
    this.purchases.length = 0;
    this.files.length = 0;
    this.puts.length = 0;
  }

  /** What it tells the hub now; the answer is its lease. */
  beat(): Heartbeat {
    this.#lease.renew(LEASE_MS, { monotonic: this.#clock.monotonic(), wall: this.#clock.now() });
    return {
      nodeID: this.nodeID,
      role: 'CORE',
      address: this.address,
      instanceID: this.instanceID,
      version: '0.1.0',
      jobs: { running: this.running.length, capacity: 4 },
      vault: { files: 0, bytes: 0 },
      providers: [{ name: 'rehearsal', healthy: 'True' }],
    };
  }

  put(assignment: Assignment): PutJobOutcome {
    const { id, inputsDigest, leaderEpoch } = assignment;
    const body = bodyOf(assignment);
    this.puts.push({ id, body, at: this.#clock.monotonic() });
    const held = this.#jobs.get(id);
    const { decision } = judgeAssignment({
      inputsDigest,
      bodyDigest: body,
      leaderEpoch,
      attempt: parseJobID(id)?.attempt ?? 0,
      held: held && { inputsDigest: held.status.inputsDigest, bodyDigest: held.body },
      leaderEpochSeen: this.#epoch,
      newestAttempt: this.#newestAttempt(id),
      cancelledUnseen: this.#cancelledUnseen.has(id),
      active: this.running.length,
      capacity: 4,
      stopping: false,
    });
    this.#epoch = Math.max(this.#epoch, leaderEpoch);
    if (held && decision === 'same') return { outcome: 'same', job: structuredClone(held.status) };
    if (held) return { outcome: 'conflict', inputsDigest: held.status.inputsDigest, message: 'other inputs' };
    if (decision === 'full') return { outcome: 'full', retryAfterMs: 1_000 };
    if (decision === 'stale-epoch') return { outcome: 'staleEpoch', message: 'a younger leader spoke' };
    if (decision !== 'create') return { outcome: 'refused', message: decision };
    const status: JobStatus = { id, inputsDigest, state: 'Running', usage: usageOf(0) };
    const job: Held = { assignment, body, status, cancelled: false };
    this.#jobs.set(id, job);
    void this.#work(job, this.#life);
    return { outcome: 'accepted', job: structuredClone(status) };
  }

  get(id: string): GetJobOutcome {
    const held = this.#jobs.get(id);
    return held ? { outcome: 'found', job: structuredClone(held.status) } : { outcome: 'absent' };
  }

  cancel(id: string): CancelJobOutcome {
    const held = this.#jobs.get(id);
    if (!held) {
      this.#cancelledUnseen.add(id);
      return { outcome: 'absent' };
    }
    if (held.status.state === 'Running') {
      held.cancelled = true;
      for (const purchase of this.purchases)
        if (purchase.jobID === id && purchase.outcome === 'in flight') purchase.outcome = 'cancelled';
      this.#settle(held, { state: 'Cancelled' });
    }
    return { outcome: 'cancelled' };
  }

  async #work(job: Held, life: number): Promise<void> {
    const { debate, task } = job.assignment;
    const isOver = () => job.cancelled || this.#dead || life !== this.#life;
    const turns: Turn[] = [];
    for (const seat of debate ? SEATS : []) {
      if (!debate) return;
      const resumed = debate.resume.find((turn) => turn.seat === seat);
      if (!resumed && !(await this.#buy(job, `debate ${debate.round} ${seat}`, isOver))) return;
      turns.push(resumed ?? aTurn(seat, debate.round));
      job.status = { ...job.status, debate: { turns: [...turns], dissent: [] } };
      if (!resumed) this.#emit({ type: 'turn-end', ...aboutOf(job), round: debate.round, seat, ...SAID });
    }
    if (task && !(await this.#buy(job, `task ${task.task.id}`, isOver))) return;
    const { usage: _, ...result } = honestResult(job.assignment);
    if (result.task?.artifact) this.files.push(`${job.status.id} ${result.task.artifact.file}`);
    this.#settle(job, result);
  }

  /** @returns false where nobody wants the answer any more */
  async #buy(job: Held, key: string, isOver: () => boolean): Promise<boolean> {
    const never = new AbortController().signal;
    await this.#lease.untilHeld({ signal: never, maxWaitMs: Number.MAX_SAFE_INTEGER });
    if (isOver()) return false;
    const purchase: Purchase = { key, wagon: this.name, jobID: job.status.id, outcome: 'in flight' };
    this.purchases.push(purchase);
    if (this.holds(job.assignment)) return false;
    await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, ANSWER_MS));
    if (isOver()) return false;
    purchase.outcome = 'answered';
    job.status = { ...job.status, usage: usageOf(job.status.usage.calls + 1) };
    return true;
  }

  #settle(job: Held, result: Partial<JobStatus>): void {
    job.status = { ...job.status, ...result };
    this.#emit({ type: 'job-state', ...aboutOf(job), state: job.status.state });
  }

  #emit(body: WagonEventBody): void {
    this.#seq += 1;
    const event = { ...body, seq: this.#seq, at: new Date(this.#clock.now()).toISOString() } as WagonEvent;
    if (!this.#dead) this.onEvent(event);
  }

  #newestAttempt(id: string): number {
    const part = id.slice(0, id.lastIndexOf('.') + 1);
    const attempts = [...this.#jobs.keys()].filter((other) => other.startsWith(part)).map((other) => parseJobID(other));
    return Math.max(0, ...attempts.map((key) => key?.attempt ?? 0));
  }
}

const SAID = { outcome: 'Answered', tokens: 30, text: '' } as const;
const aboutOf = ({ assignment, status }: Held) => ({ objective: assignment.objective, jobID: status.id });

/** All that is asked for. The leader's epoch is of the messenger, not of the message. */
function bodyOf({ leaderEpoch: _, ...message }: Assignment): string {
  return canonicalJson(message);
}

/** A call costs twenty tokens to ask and ten to answer. */
function usageOf(calls: number): Usage {
  return { inputTokens: 20 * calls, outputTokens: 10 * calls, totalTokens: 30 * calls, calls, unsettled: 0 };
}
