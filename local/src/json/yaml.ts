import {
  boolYaml11Tag,
  defineScalarTag,
  EVENT_ID,
  type Event,
  FAILSAFE_SCHEMA,
  getScalarValue,
  load,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  parseEvents,
  YAMLException,
} from 'js-yaml';

/** What is wrong with a YAML text, as Kubernetes begins to say it. */
export class YamlProblem extends Error {}

const DIGITS = [...'+-0123456789'];
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const NO_JSON_NUMBER = /^(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function parseInteger(text: string): number | undefined {
  const match = INTEGER.exec(text.replaceAll('_', ''));
  if (!match) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const size =
    hex !== undefined
      ? Number.parseInt(hex, 16)
      : binary !== undefined
        ? Number.parseInt(binary, 2)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : Number(decimal);
  return sign === '-' && size !== 0 ? -size : size;
}

/** Numbers as the YAML library of Kubernetes reads them: no base 60, and an exponent needs no point. */
const integerTag = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: DIGITS,
  identify: () => false,
  resolve: (text) => parseInteger(text) ?? NOT_RESOLVED,
});
const floatTag = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...DIGITS, '.'],
  identify: () => false,
  resolve(text) {
    const infinite = NO_JSON_NUMBER.exec(text);
    if (infinite)
      throw new YamlProblem(
        `json: unsupported value: ${text.toLowerCase() === '.nan' ? 'NaN' : `${infinite[1] || '+'}Inf`}`,
      );
    const digits = text.replaceAll('_', '');
    return FLOAT.test(digits) ? Number(digits) : NOT_RESOLVED;
  },
});

const SCHEMA = FAILSAFE_SCHEMA.withTags(nullYaml11Tag, boolYaml11Tag, integerTag, floatTag, mergeTag);

/** Reads the first YAML document, or JSON, as Kubernetes does: YAML 1.1, times stay texts, of two equal keys the last counts. @throws YamlProblem */
export function parseYaml(text: string): unknown {
  const document = firstDocument(text);
  if (document.trim() === '') return null;
  try {
    return load(document, { schema: SCHEMA, json: true });
  } catch (error) {
    if (error instanceof YAMLException && error.reason.startsWith('expected a document')) return null;
    if (error instanceof YAMLException) throw new YamlProblem(problemText(error));
    throw error;
  }
}

/** The words of the YAML library, which differ from Go's, behind the place; of an unknown alias those of Go. */
function problemText({ reason, mark }: YAMLException): string {
  const alias = /^unidentified alias "(.*)"$/.exec(reason)?.[1];
  if (alias !== undefined) return `yaml: unknown anchor '${alias}' referenced`;
  return mark ? `yaml: line ${mark.line + 1}: ${reason}` : `yaml: ${reason}`;
}

/** What stands before the second document: Kubernetes does not look at the rest. */
function firstDocument(text: string): string {
  let isStarted = false;
  let offset = 0;
  for (const line of text.split('\n')) {
    const isMarker = /^(---|\.\.\.)(\s|$)/.test(line);
    if (isMarker && isStarted) return text.slice(0, offset);
    isStarted ||= /^---(\s|$)/.test(line) || !/^\s*(#|$)|^%/.test(line);
    offset += line.length + 1;
  }
  return text;
}

/** A key that a mapping has twice. */
export interface DuplicateKey {
  key: string;
  /** Of the second one, from 1. */
  line: number;
}

/** The keys that stand more than once in one mapping of a document that can be read, in the order of the text. */
export function duplicateYamlKeys(text: string): DuplicateKey[] {
  const document = firstDocument(text);
  if (document.trim() === '') return [];
  const walk: Walk = { text: document, events: parseEvents(document, {}), at: 0, found: [] };
  while (walk.at < walk.events.length) skipNode(walk);
  return walk.found;
}

interface Walk {
  text: string;
  events: Event[];
  at: number;
  found: DuplicateKey[];
}

/** Steps over one node with all that is in it. */
function skipNode(walk: Walk): void {
  const event = walk.events[walk.at];
  walk.at += 1;
  if (event?.type === EVENT_ID.MAPPING) walkMapping(walk);
  else if (event?.type === EVENT_ID.SEQUENCE) while (!atEnd(walk)) skipNode(walk);
}

function atEnd(walk: Walk): boolean {
  const event = walk.events[walk.at];
  if (event && event.type !== EVENT_ID.POP) return false;
  walk.at += 1;
  return true;
}

function walkMapping(walk: Walk): void {
  const seen = new Set<string>();
  while (!atEnd(walk)) {
    const event = walk.events[walk.at];
    if (event?.type === EVENT_ID.SCALAR) {
      const key = getScalarValue(walk.text, event);
      if (seen.has(key)) walk.found.push({ key, line: lineOf(walk.text, event.valueStart) });
      seen.add(key);
    }
    skipNode(walk);
    skipNode(walk);
  }
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
