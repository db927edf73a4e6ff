import { HEARTBEAT_INTERVAL_SECONDS, type Heartbeat } from '@dark-carnival/crds';
import { type Clock, sleep, type Timer } from '@dark-carnival/crds/clock';
import type { RenewableLease } from './lease.ts';
import type { HeartbeatOutcome, Ringmaster } from './ringmaster.ts';

const INTERVAL_MS = HEARTBEAT_INTERVAL_SECONDS * 1000;
const JITTER = 0.1;
/** A ringmaster that starts at the same moment is there within seconds: look often at first. */
const FIRST_RETRY_MS = 100;
/** An answer later than this comes too late to renew the lease for long. */
const ANSWER_TIMEOUT_MS = 5000;
/** Extra heartbeats, for news, are at least this far apart. */
const MIN_GAP_MS = 1000;

export interface HeartbeatDeps {
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  ringmaster: Ringmaster;
  lease: RenewableLease;
  /** The heartbeat as of now. */
  compose: () => Heartbeat;
  /** A leader epoch lower than one seen before is of a leader that was replaced: its leave is not taken. @returns whether it counts. */
  admitEpoch: (epoch: number) => boolean;
  /** Told when the outcome changes, not each time. */
  onChange: (outcome: HeartbeatOutcome) => void;
  /** The namespace that this wagon serves: an answer for another one renews nothing. */
  namespace: string;
}

/** Sends heartbeats from `start` to `stop`, one at a time, and renews the lease with each good answer. */
export class HeartbeatLoop {
  readonly #deps: HeartbeatDeps;
  readonly #stopped = new AbortController();
  #done: Promise<void> = Promise.resolve();
  #wake = new AbortController();
  #request = new AbortController();
  #failures = 0;
  #last = '';

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#done = this.#run();
  }

  /** There is news (a provider's health, a free slot): the next heartbeat comes soon. */
  hurry(): void {
    this.#wake.abort();
  }

  /** Ends the loop, and the heartbeat under way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake.abort();
    this.#request.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#stopped.signal.aborted) {
      this.#wake = new AbortController();
      const wait = this.#delayAfter(await this.#beat());
      const gap = Math.min(MIN_GAP_MS, wait);
      await sleep(clock, gap, this.#stopped.signal);
      if (!this.#stopped.signal.aborted) await sleep(clock, wait - gap, this.#wake.signal);
    }
  }

  async #beat(): Promise<HeartbeatOutcome> {
    const { clock, ringmaster, compose } = this.#deps;
    const askedAt = { monotonic: clock.monotonic(), wall: clock.now() };
    const request = new AbortController();
    this.#request = request;
    const timer: Timer = clock.setTimeout(
      () => request.abort(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
      ANSWER_TIMEOUT_MS,
    );
    const outcome = this.#admit(await ringmaster.register(compose(), request.signal));
    clock.clearTimeout(timer);
    if (outcome.outcome === 'renewed') this.#deps.lease.renew(outcome.answer.leaseSeconds * 1000, askedAt);
    if (outcome.outcome === 'refused' && outcome.status === 409) this.#deps.lease.revoke();
    this.#report(outcome);
    return outcome;
  }

  #admit(outcome: HeartbeatOutcome): HeartbeatOutcome {
    if (outcome.outcome !== 'renewed') return outcome;
    const { namespace, admitEpoch } = this.#deps;
    const { answer } = outcome;
    if (answer.namespace !== namespace) {
      const message = `the ringmaster keeps this wagon in namespace ${answer.namespace}, but it serves ${namespace}: set CARNIVAL_NAMESPACE`;
      return { outcome: 'refused', status: 200, message };
    }
    if (!admitEpoch(answer.leaderEpoch)) {
      const message = `the answer is of leader ${answer.leaderEpoch}, which has been replaced`;
      return { outcome: 'unreachable', message };
    }
    return outcome;
  }

  #report(outcome: HeartbeatOutcome): void {
    const state = outcome.outcome === 'renewed' ? 'renewed' : `${outcome.outcome}: ${outcome.message}`;
    if (state === this.#last || this.#stopped.signal.aborted) return;
    this.#last = state;
    this.#deps.onChange(outcome);
  }

  /** 10 s ± 10 % after a good one; after a bad one 100 ms, doubling to that, so that starting together takes seconds and not a round. */
  #delayAfter(outcome: HeartbeatOutcome): number {
    const jittered = (1 - JITTER + 2 * JITTER * this.#deps.random()) * INTERVAL_MS;
    if (outcome.outcome === 'renewed') {
      this.#failures = 0;
      return jittered;
    }
    const backoff = FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10);
    this.#failures += 1;
    const asked = outcome.outcome === 'unreachable' ? (outcome.retryAfterMs ?? 0) : 0;
    return Math.min(jittered, Math.max(backoff * (0.5 + this.#deps.random() / 2), asked));
  }
}
