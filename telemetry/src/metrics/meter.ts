import type { Metric, Registry } from 'prom-client';
import { Counter, type Description, Gauge, Histogram, type Instrument, type SetGauge } from './instruments.ts';

/** What `/metrics` answers. */
export interface Exposition {
  contentType: string;
  body: string;
}

/**
 * The metrics of a process. Counting is a few numbers in memory. What writes them down for Prometheus, and what measures the process itself
 * (`process_*`, `nodejs_*`), is loaded when somebody asks for the first time: it costs some 10 MB that nobody needs who has no Prometheus.
 */
export class Meter {
  readonly #instruments = new Map<string, Instrument>();
  #registry: Promise<Registry> | undefined;

  counter(description: Description): Counter {
    return this.#add(new Counter(description));
  }

  histogram(description: Description, buckets: readonly number[]): Histogram {
    return this.#add(new Histogram(description, buckets));
  }

  /** @param collect looks it up, each time somebody asks. */
  gauge(description: Description, collect: (set: SetGauge) => void): void {
    this.#add(new Gauge(description, collect));
  }

  /** A number that only grows and is counted somewhere else. */
  observedCounter(description: Description, collect: (set: SetGauge) => void): void {
    this.#add(new Gauge(description, collect, 'counter'));
  }

  /** Names of everything that this process measures about its work; what measures the process itself is not among them. */
  get names(): string[] {
    return [...this.#instruments.keys()];
  }

  async expose(): Promise<Exposition> {
    this.#registry ??= this.#open();
    const registry = await this.#registry;
    return { contentType: registry.contentType, body: await registry.metrics() };
  }

  #add<T extends Instrument>(instrument: T): T {
    if (this.#instruments.has(instrument.name)) throw new Error(`there are two metrics ${instrument.name}`);
    this.#instruments.set(instrument.name, instrument);
    return instrument;
  }

  async #open(): Promise<Registry> {
    const { collectDefaultMetrics, Registry: PrometheusRegistry } = (await import('prom-client')).default;
    const registry = new PrometheusRegistry();
    collectDefaultMetrics({ register: registry });
    for (const instrument of this.#instruments.values()) registry.registerMetric(asMetric(instrument));
    return registry;
  }
}

/** A registry asks a metric for its name and, by `get`, for its values: more it does not need. */
function asMetric(instrument: Instrument): Metric {
  const metric = {
    name: instrument.name,
    get: async () => {
      const { samples, ...reading } = instrument.read();
      return { ...reading, values: samples, aggregator: 'sum' };
    },
    reset: () => undefined,
  };
  return metric as unknown as Metric;
}
