import { type LabelBound, type Labels, OTHER } from './labels.ts';

/** Series that one instrument holds at most, whatever its labels promise. */
const MAX_SERIES = 1000;

/** The states of one instrument, by the values of its labels. */
export class SeriesMap<State> {
  readonly #names: readonly string[];
  readonly #bounds: readonly LabelBound[];
  readonly #make: () => State;
  readonly #byKey = new Map<string, { values: readonly string[]; state: State }>();

  constructor(labels: Labels, make: () => State) {
    this.#names = Object.keys(labels);
    this.#bounds = Object.values(labels);
    this.#make = make;
  }

  /** The state for these values, made where it is new. Beyond the bound on series everything is `other`. */
  at(given: readonly string[]): State {
    const values = this.#bounds.map((label, index) => label.bound(given[index] ?? ''));
    const key = values.join('\u0000');
    const known = this.#byKey.get(key);
    if (known) return known.state;
    if (this.#byKey.size >= MAX_SERIES) return this.#rest();
    return this.#add(key, values);
  }

  clear(): void {
    this.#byKey.clear();
  }

  *entries(): Generator<{ labels: Record<string, string>; state: State }> {
    for (const { values, state } of this.#byKey.values())
      yield { labels: Object.fromEntries(this.#names.map((name, index) => [name, values[index] ?? ''])), state };
  }

  #rest(): State {
    const values = this.#names.map(() => OTHER);
    const key = values.join('\u0000');
    return this.#byKey.get(key)?.state ?? this.#add(key, values);
  }

  #add(key: string, values: readonly string[]): State {
    const state = this.#make();
    this.#byKey.set(key, { values, state });
    return state;
  }
}
