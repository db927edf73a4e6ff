/** What stands for every value beyond a bound. */
export const OTHER = 'other';

/** Longest value of a label, in UTF-16 units. */
const MAX_VALUE = 128;

/** Which values a label may have. Whatever somebody sends, their number is bounded. */
export interface LabelBound {
  /** The value as it is counted: itself, or `other`. */
  bound(value: string): string;
}

/** The values are known beforehand. */
export function oneOf(values: readonly string[]): LabelBound {
  const known = new Set(values);
  return { bound: (value) => (known.has(value) ? value : OTHER) };
}

/** The first so many distinct values; names that people choose. */
export function atMost(count: number): LabelBound {
  const seen = new Set<string>();
  return {
    bound(value) {
      const text = value.length > MAX_VALUE ? value.slice(0, MAX_VALUE) : value;
      if (seen.has(text)) return text;
      if (seen.size >= count) return OTHER;
      seen.add(text);
      return text;
    },
  };
}

/** The labels of an instrument, in the order in which values are given. */
export type Labels<Name extends string = string> = Readonly<Record<Name, LabelBound>>;
