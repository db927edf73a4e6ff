import type { Clock } from '@dark-carnival/crds/clock';
import {
  Meter,
  noTracing,
  openTracing,
  type Secrets,
  type TraceSettings,
  type Tracing,
} from '@dark-carnival/telemetry';
import type { JobObserver } from '../jobs/job-observer.ts';
import type { CallObserver } from '../providers/call-observer.ts';
import type { Logger } from '../server/logger.ts';
import { CallMetrics } from './call-metrics.ts';
import { CallSpans } from './call-spans.ts';
import { CallTelemetry } from './call-telemetry.ts';
import { JobSpans } from './job-spans.ts';
import { WagonMetrics, type WagonState } from './wagon-metrics.ts';

/** Who traces, and what must not be in a span. */
export interface TraceDeps {
  identity: { nodeID: string; role: string; namespace: string; version: string; instanceID: string };
  secrets: Secrets;
  logger: Pick<Logger, 'info' | 'warn'>;
}

/** The metrics and traces of one wagon. */
export class WagonTelemetry {
  readonly meter = new Meter();
  readonly calls: CallObserver;
  readonly jobs: JobObserver;
  #tracing: Tracing = noTracing;

  constructor(clock: Clock, state: WagonState) {
    const tracing = () => this.#tracing;
    const spans = new JobSpans(tracing, clock);
    const metrics = new WagonMetrics(this.meter, state);
    this.calls = new CallTelemetry(new CallMetrics(this.meter), new CallSpans(tracing), clock);
    this.jobs = {
      heard: (assignment, event) => spans.heard(assignment, event),
      ended: (record) => {
        metrics.ended(record);
        spans.ended(record);
      },
    };
  }

  /** Begins to trace, where the settings ask for it. Before any work. */
  async trace(settings: TraceSettings | undefined, { identity, secrets, logger }: TraceDeps): Promise<void> {
    const { nodeID, role, namespace, version, instanceID } = identity;
    // What the collector is told by way of credentials is a secret like any other.
    secrets.add(Object.values(settings?.headers ?? {}));
    this.#tracing = await openTracing(settings, {
      sender: {
        service: 'dark-carnival-wagon',
        version,
        instance: instanceID,
        attributes: { 'darkcarnival.wagon': nodeID, 'darkcarnival.role': role, 'k8s.namespace.name': namespace },
      },
      scrub: secrets.scrub,
      onExport: (fault) =>
        fault === undefined
          ? logger.info({}, 'Spans arrive again')
          : logger.warn({ fault }, 'Spans do not arrive: said once, until they do again'),
    });
  }

  stop(): Promise<void> {
    return this.#tracing.stop();
  }
}
