import type { Labels } from './labels.ts';
import { SeriesMap } from './series.ts';

/** One line of the exposition. */
export interface Sample {
  /** Where it differs from the instrument's name: `_bucket`, `_sum`, `_count`. */
  metricName?: string;
  labels: Record<string, string | number>;
  value: number;
}

/** What an instrument is and holds, as it is exposed. */
export interface Reading {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  samples: Sample[];
}

export interface Instrument {
  readonly name: string;
  read(): Reading;
}

export interface Description<Label extends string = string> {
  name: string;
  help: string;
  labels?: Labels<Label>;
}

/** Counts up. The values of the labels are given in the order in which the labels were described. */
export class Counter implements Instrument {
  readonly name: string;
  readonly #help: string;
  readonly #series: SeriesMap<{ value: number }>;

  constructor({ name, help, labels = {} }: Description) {
    this.name = name;
    this.#help = help;
    this.#series = new SeriesMap(labels, () => ({ value: 0 }));
    // Without labels there is one series, and it is there from the beginning.
    if (Object.keys(labels).length === 0) this.#series.at([]);
  }

  add(amount: number, ...values: readonly string[]): void {
    if (amount > 0 && Number.isFinite(amount)) this.#series.at(values).value += amount;
  }

  /** Makes a series that begins at 0, so that its first count is seen as one. */
  touch(...values: readonly string[]): void {
    this.#series.at(values);
  }

  read(): Reading {
    const samples = [...this.#series.entries()].map(({ labels, state }) => ({ labels, value: state.value }));
    return { name: this.name, help: this.#help, type: 'counter', samples };
  }
}

/** Tells how a gauge stands: one call per series. */
export type SetGauge = (value: number, ...values: readonly string[]) => void;

/** Is looked up when somebody asks, so it costs nothing until then. */
export class Gauge implements Instrument {
  readonly name: string;
  readonly #description: Description;
  readonly #collect: (set: SetGauge) => void;
  readonly #type: 'gauge' | 'counter';

  /** @param type `counter` for a number that only grows and is kept somewhere else. */
  constructor(description: Description, collect: (set: SetGauge) => void, type: 'gauge' | 'counter' = 'gauge') {
    this.name = description.name;
    this.#description = description;
    this.#collect = collect;
    this.#type = type;
  }

  read(): Reading {
    const { name, help, labels = {} } = this.#description;
    const series = new SeriesMap(labels, () => ({ value: 0 }));
    this.#collect((value, ...values) => {
      // Several things may share the label `other`: they are summed.
      series.at(values).value += value;
    });
    const samples = [...series.entries()].map(({ labels: given, state }) => ({ labels: given, value: state.value }));
    return { name, help, type: this.#type, samples };
  }
}

/** How often values were how large. */
export class Histogram implements Instrument {
  readonly name: string;
  readonly #help: string;
  readonly #buckets: readonly number[];
  readonly #series: SeriesMap<{ counts: number[]; sum: number; count: number }>;

  /** @param buckets upper bounds, growing; infinity is added. */
  constructor({ name, help, labels = {} }: Description, buckets: readonly number[]) {
    this.name = name;
    this.#help = help;
    this.#buckets = buckets;
    this.#series = new SeriesMap(labels, () => ({ counts: buckets.map(() => 0), sum: 0, count: 0 }));
  }

  observe(value: number, ...values: readonly string[]): void {
    if (!(value >= 0) || !Number.isFinite(value)) return;
    const state = this.#series.at(values);
    state.sum += value;
    state.count += 1;
    const bucket = this.#buckets.findIndex((bound) => value <= bound);
    if (bucket >= 0) state.counts[bucket] = (state.counts[bucket] ?? 0) + 1;
  }

  read(): Reading {
    const samples: Sample[] = [];
    for (const { labels, state } of this.#series.entries()) {
      let below = 0;
      for (const [index, bound] of this.#buckets.entries()) {
        below += state.counts[index] ?? 0;
        samples.push({ metricName: `${this.name}_bucket`, labels: { ...labels, le: bound }, value: below });
      }
      samples.push({ metricName: `${this.name}_bucket`, labels: { ...labels, le: '+Inf' }, value: state.count });
      samples.push({ metricName: `${this.name}_sum`, labels, value: state.sum });
      samples.push({ metricName: `${this.name}_count`, labels, value: state.count });
    }
    return { name: this.name, help: this.#help, type: 'histogram', samples };
  }
}
