import { OBJECTIVE_PHASES, type Objective } from '@dark-carnival/crds';
import { type Counter, type Histogram, type Meter, oneOf } from '@dark-carnival/telemetry';
import type { ObjectiveObserver } from '../ports/objective-observer.ts';

const END_BUCKETS = [5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400];
const ENDS = ['Completed', 'Failed', 'Aborted', 'Expired'];

/** Counts what Objectives use and how they end, from the difference that each write makes. */
export class ObjectiveMetrics implements ObjectiveObserver {
  readonly #tokens: Counter;
  readonly #cost: Counter;
  readonly #calls: Counter;
  readonly #transitions: Counter;
  readonly #decisions: Counter;
  readonly #duration: Histogram;

  constructor(meter: Meter) {
    this.#tokens = meter.counter({
      name: 'carnival_tokens_total',
      help: 'Tokens that Objectives used, as written to their status by this process.',
      labels: { type: oneOf(['input', 'output']) },
    });
    this.#cost = meter.counter({ name: 'carnival_cost_usd_total', help: 'US dollars that Objectives cost, alike.' });
    this.#calls = meter.counter({
      name: 'carnival_llm_calls_total',
      help: 'Calls to providers for Objectives, alike.',
    });
    this.#transitions = meter.counter({
      name: 'carnival_objective_transitions_total',
      help: 'Phases that Objectives entered.',
      labels: { phase: oneOf(OBJECTIVE_PHASES) },
    });
    this.#decisions = meter.counter({
      name: 'carnival_decisions_total',
      help: 'Decisions at the gate, those of Auto mode included.',
      labels: { decision: oneOf(['Approve', 'Feedback', 'Abort']) },
    });
    this.#duration = meter.histogram(
      {
        name: 'carnival_objective_duration_seconds',
        help: 'Time from the creation of an Objective to its end, waits for people included.',
        labels: { phase: oneOf(ENDS) },
      },
      END_BUCKETS,
    );
  }

  wrote({ status: before }: Objective, { status: after, metadata }: Objective): void {
    const { usage, phase, decisions = [], completionTime } = after ?? {};
    this.#tokens.add((usage?.inputTokens ?? 0) - (before?.usage?.inputTokens ?? 0), 'input');
    this.#tokens.add((usage?.outputTokens ?? 0) - (before?.usage?.outputTokens ?? 0), 'output');
    this.#cost.add(Number(usage?.costUSD ?? 0) - Number(before?.usage?.costUSD ?? 0));
    this.#calls.add((usage?.calls ?? 0) - (before?.usage?.calls ?? 0));
    for (const { decision } of decisions.slice(before?.decisions?.length ?? 0)) this.#decisions.add(1, decision);
    if (phase === undefined || phase === before?.phase) return;
    this.#transitions.add(1, phase);
    if (!ENDS.includes(phase) || metadata.creationTimestamp === undefined || completionTime === undefined) return;
    this.#duration.observe((Date.parse(completionTime) - Date.parse(metadata.creationTimestamp)) / 1000, phase);
  }
}
