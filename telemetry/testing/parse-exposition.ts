/** One line of an exposition. */
export interface ExposedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface ExposedFamily {
  name: string;
  help: string;
  type: string;
  samples: ExposedSample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = `([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\["\\\\n])*)"`;
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{((?:${LABEL})(?:,${LABEL})*)?\\})? ([-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf)|NaN)$`,
  'i',
);

/**
 * Reads the text format 0.0.4 as strictly as Prometheus describes it: HELP and TYPE once and before the samples of a family, families in one piece, no series
 * twice, histograms with growing buckets that end in +Inf and agree with their count.
 * @throws Error that names the line.
 */
export function parseExposition(text: string): Map<string, ExposedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const reader = new Reader();
  for (const [index, line] of text.split('\n').entries()) {
    const problem = line === '' ? undefined : reader.read(line);
    if (problem !== undefined) throw new Error(`line ${index + 1}: ${problem}: ${line.slice(0, 200)}`);
  }
  for (const family of reader.families.values()) checkFamily(family);
  return reader.families;
}

const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'untyped'];

class Reader {
  readonly families = new Map<string, ExposedFamily>();
  readonly #seen = new Set<string>();
  #current: ExposedFamily | undefined;

  /** @returns what is wrong with the line. */
  read(line: string): string | undefined {
    const head = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`).exec(line);
    if (head)
      return head[1] === 'HELP' ? this.#help(head[2] ?? '', head[3] ?? '') : this.#type(head[2] ?? '', head[3] ?? '');
    if (line.startsWith('#')) return 'a comment that is neither HELP nor TYPE';
    const sample = readSample(line);
    if (!sample) return 'is no sample';
    if (!this.#current || !belongs(sample, this.#current)) return 'a sample outside of its family';
    const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (this.#seen.has(key)) return 'the series is there twice';
    this.#seen.add(key);
    this.#current.samples.push(sample);
    return undefined;
  }

  #help(name: string, help: string): string | undefined {
    if (this.families.has(name)) return 'the family is told twice';
    this.#current = { name, help, type: '', samples: [] };
    this.families.set(name, this.#current);
    return undefined;
  }

  #type(name: string, type: string): string | undefined {
    if (this.#current?.name !== name || this.#current.type !== '') return 'TYPE does not follow HELP';
    if (!TYPES.includes(type)) return 'no such type';
    this.#current.type = type;
    return undefined;
  }
}

/** The value of one series; undefined where there is none. */
export function sampleOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  for (const family of parseExposition(text).values())
    for (const sample of family.samples)
      if (sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
        return sample.value;
  return undefined;
}

function readSample(line: string): ExposedSample | undefined {
  const match = SAMPLE.exec(line);
  if (!match) return undefined;
  const labels: Record<string, string> = {};
  for (const [, key = '', value = ''] of (match[2] ?? '').matchAll(new RegExp(LABEL, 'g'))) {
    if (key in labels) return undefined;
    labels[key] = value.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  const number = match.at(-1) ?? '';
  return { name: match[1] ?? '', labels, value: Number(number.replace(/Inf$/i, 'Infinity')) };
}

function belongs({ name }: ExposedSample, family: ExposedFamily): boolean {
  if (name === family.name) return family.type !== 'histogram';
  const suffixes = { histogram: ['_bucket', '_sum', '_count'], summary: ['_sum', '_count'] }[family.type] ?? [];
  return suffixes.some((suffix) => name === `${family.name}${suffix}`);
}

function checkFamily({ name, type, help, samples }: ExposedFamily): void {
  if (type === '' || help === '') throw new Error(`${name} lacks TYPE or HELP`);
  if (type === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name} counts below zero`);
  if (type !== 'histogram') return;
  const counts = new Map(
    samples.filter((sample) => sample.name === `${name}_count`).map((sample) => [keyOf(sample), sample.value]),
  );
  const last = new Map<string, { le: number; value: number }>();
  for (const sample of samples.filter((each) => each.name === `${name}_bucket`)) {
    const key = keyOf(sample);
    const le = Number(sample.labels['le']?.replace('+Inf', 'Infinity'));
    const before = last.get(key);
    if (before && (le <= before.le || sample.value < before.value)) throw new Error(`${name} has buckets out of order`);
    last.set(key, { le, value: sample.value });
  }
  for (const [key, { le, value }] of last)
    if (le !== Number.POSITIVE_INFINITY || counts.get(key) !== value)
      throw new Error(`${name} ends in no +Inf that agrees with its count`);
}

const keyOf = ({ labels: { le: _, ...labels } }: ExposedSample): string =>
  JSON.stringify(Object.entries(labels).sort());
