import type { Clock } from '@dark-carnival/crds/clock';
import {
  Meter,
  noTracing,
  openTracing,
  type TraceSettings,
  type Tracing,
  type TracingDeps,
} from '@dark-carnival/telemetry';
import type { ObjectiveObserver } from '../ports/objective-observer.ts';
import { ObjectiveMetrics } from './objective-metrics.ts';
import { ObjectiveSpans } from './objective-spans.ts';

/** The metrics and traces of one controller with its hub. */
export class RingmasterTelemetry {
  readonly meter = new Meter();
  readonly observer: ObjectiveObserver;
  #tracing: Tracing = noTracing;

  constructor(clock: Clock) {
    const metrics = new ObjectiveMetrics(this.meter);
    const spans = new ObjectiveSpans(() => this.#tracing, clock);
    this.observer = {
      wrote: (before, after) => {
        metrics.wrote(before, after);
        spans.wrote(before, after);
      },
    };
  }

  readonly isSampled = (traceId: string): boolean => this.#tracing.isSampled(traceId);

  /** Begins to trace, where the settings ask for it. */
  async trace(settings: TraceSettings | undefined, deps: TracingDeps): Promise<void> {
    this.#tracing = await openTracing(settings, deps);
  }

  stop(): Promise<void> {
    return this.#tracing.stop();
  }
}
