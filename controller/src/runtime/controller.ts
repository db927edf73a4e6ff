import { randomUUID } from 'node:crypto';
import type { Clock } from '@dark-carnival/crds/clock';
import type { ControllerMetrics, ReconcileResultName } from './controller-metrics.ts';
import type { Logger } from './logger.ts';
import { type Outcome, type ReconcileResult, toOutcome } from './outcome.ts';
import { type RunEnd, runBounded } from './reconcile-run.ts';
import type { Source } from './source.ts';
import { Workqueue } from './workqueue.ts';

/** What a reconcile gets besides its key. */
export interface ReconcileContext {
  /** Aborts when the time is up, when leadership is lost, and at the stop. */
  signal: AbortSignal;
  /** Carries the key and `reconcileID`. */
  logger: Logger;
  /** Failures of this key in a row so far. */
  failures: number;
}

/** Brings one object closer to what its spec says. Level-based: it is told which object, never what happened to it. */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult | undefined>;

export interface ControllerOptions {
  /** For logs, e.g. `objective`. */
  name: string;
  reconcile: Reconcile;
  sources: readonly Source[];
  clock: Clock;
  logger: Logger;
  /** Fence: no reconcile begins while it says no. */
  isLeader: () => boolean;
  /** Keys worked on at the same time. Default 8. */
  workers?: number;
  /** Default 60,000 ms. */
  reconcileTimeoutMs?: number;
  /** Longest back-off of an object that always fails. Default 300,000 ms. */
  maxBackoffMs?: number;
  /** Makes reconcileIDs. */
  newID?: () => string;
}

/** How a controller is doing. */
export interface ControllerStats {
  active: boolean;
  depth: number;
  delayed: number;
  processing: number;
  /** Keys whose last reconcile failed. */
  failing: number;
  /** Keys whose reconcile ignores its signal. */
  stuck: number;
  reconciles: number;
  failures: number;
}

/** How long a reconcile may ignore its signal before its worker goes on without it. */
const STUCK_AFTER_MS = 5_000;
const FENCED_RETRY_MS = 1_000;
const DEFAULT_WORKERS = 8;

interface Activation {
  readonly queue: Workqueue;
  readonly stopping: AbortController;
  readonly unsubscribe: readonly (() => void)[];
  readonly workers: Promise<void>;
}

/**
 * Runs a reconcile for the keys of its sources, while active. An object whose reconcile throws always, or hangs, costs the others nothing: it is
 * retried ever more rarely, behind what is new.
 */
export class Controller {
  readonly name: string;
  readonly #options: ControllerOptions;
  #activation: Activation | undefined;
  /** Keys whose reconcile still goes on though its time is up; they outlive an activation. */
  readonly #stuck = new Set<string>();
  #metrics: ControllerMetrics | undefined;
  #reconciles = 0;
  #failures = 0;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Tells somebody what happens from the next activation on. */
  measure(metrics: ControllerMetrics): void {
    this.#metrics = metrics;
  }

  /** Keys that are worked on at the same time at most. */
  get workers(): number {
    return this.#options.workers ?? DEFAULT_WORKERS;
  }

  /** Begins to work, with a look at everything that the sources have. A second call changes nothing. */
  activate(): void {
    if (this.#activation) return;
    const { clock, sources, maxBackoffMs = 300_000 } = this.#options;
    const queue = new Workqueue({ clock, maxDelayMs: maxBackoffMs, listener: this.#metrics });
    const stopping = new AbortController();
    const unsubscribe = sources.map((source) => source((key, priority) => queue.add(key, priority)));
    const running = Array.from({ length: this.workers }, () => this.#work(queue, stopping.signal));
    this.#activation = { queue, stopping, unsubscribe, workers: Promise.all(running).then(() => {}) };
  }

  /**
   * Takes nothing more on, and waits for the reconciles under way. What waited is dropped: activation looks at everything anew.
   * @param graceMs how long they may finish in peace before their signal aborts; 0 when leadership is lost.
   */
  async deactivate(graceMs = 0): Promise<void> {
    const activation = this.#activation;
    if (!activation) return;
    this.#activation = undefined;
    for (const unsubscribe of activation.unsubscribe) unsubscribe();
    activation.queue.shutDown('drop');
    const { clock } = this.#options;
    const timer = clock.setTimeout(() => activation.stopping.abort(), graceMs);
    await activation.workers;
    clock.clearTimeout(timer);
    activation.stopping.abort();
  }

  /** Wakes a key from outside of the sources (a message of a wagon). Ignored while not active. */
  enqueue(key: string): void {
    this.#activation?.queue.add(key);
  }

  stats(): ControllerStats {
    const queue = this.#activation?.queue;
    return {
      active: queue !== undefined,
      depth: queue?.depth ?? 0,
      delayed: queue?.delayed ?? 0,
      processing: queue?.processing ?? 0,
      failing: queue?.failing ?? 0,
      stuck: this.#stuck.size,
      reconciles: this.#reconciles,
      failures: this.#failures,
    };
  }

  async #work(queue: Workqueue, stopping: AbortSignal): Promise<void> {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      await this.#process(queue, key, stopping);
      queue.done(key);
    }
  }

  async #process(queue: Workqueue, key: string, signal: AbortSignal): Promise<void> {
    const { clock, reconcile, newID = randomUUID, isLeader, reconcileTimeoutMs: timeoutMs = 60_000 } = this.#options;
    // A key that is set aside comes again when its reconcile ends.
    if (this.#stuck.has(key)) return;
    if (!isLeader()) {
      // Deactivation is on its way; if leadership comes back before it, the key must not be lost.
      queue.addAfter(key, FENCED_RETRY_MS);
      return;
    }
    const failures = queue.failures(key);
    const logger = this.#options.logger.child({ [this.name]: key, reconcileID: newID() });
    const work = (runSignal: AbortSignal) => reconcile(key, { signal: runSignal, logger, failures });
    this.#reconciles += 1;
    const beganAt = clock.monotonic();
    const end = await runBounded(work, { clock, timeoutMs, graceMs: STUCK_AFTER_MS, signal });
    const outcome = end.kind === 'stuck' ? undefined : toOutcomeOf(end);
    this.#metrics?.reconciled(resultOf(outcome), clock.monotonic() - beganAt);
    if (end.kind === 'stuck') this.#setAside(key, end.settled, logger);
    else if (outcome && !signal.aborted) this.#apply(queue, key, outcome, logger);
  }

  #apply(queue: Workqueue, key: string, outcome: Outcome, logger: Logger): void {
    const { requeue, kind, reason, message } = outcome;
    if (requeue.by === 'backoff') {
      this.#failures += 1;
      const retryInMs = queue.addFailed(key, requeue.afterMs);
      const failures = queue.failures(key);
      // Only the 1st, 2nd, 4th, 8th … failure in a row: a poisonous object must not fill the log.
      const level = Number.isInteger(Math.log2(failures)) ? outcome.log : 'debug';
      logger[level]('Reconcile failed', { reason, message, failures, retryInMs });
      return;
    }
    queue.forget(key);
    if (requeue.by === 'time') queue.addAfter(key, requeue.afterMs);
    if (kind !== 'done') logger[outcome.log]('Reconcile did not finish', { kind, reason, message });
  }

  /** The worker goes on with other keys. This one is left alone until its reconcile ends: two at a time would be worse than none. */
  #setAside(key: string, settled: Promise<void>, logger: Logger): void {
    this.#failures += 1;
    this.#stuck.add(key);
    logger.error('Reconcile ignores its signal and was set aside', { stuck: this.#stuck.size });
    void settled.then(() => {
      this.#stuck.delete(key);
      this.#activation?.queue.addFailed(key);
    });
  }
}

function resultOf(outcome: Outcome | undefined): ReconcileResultName {
  if (outcome === undefined) return 'error';
  if (outcome.requeue.by === 'time') return 'requeue_after';
  if (outcome.requeue.by === 'event') return outcome.kind === 'stalled' ? 'error' : 'success';
  // A race that was lost says nothing.
  return outcome.reason === undefined ? 'requeue' : 'error';
}

function toOutcomeOf(end: Exclude<RunEnd<ReconcileResult | undefined>, { kind: 'stuck' }>): Outcome {
  return end.kind === 'returned'
    ? toOutcome(end.result)
    : toOutcome(undefined, end.error ?? new Error('threw nothing'));
}
