import { labelValueProblems, qualifiedNameProblems } from '../admission/names.ts';

/** One requirement of a label selector. */
export type LabelRequirement =
  | { key: string; operator: 'in' | 'notin'; values: ReadonlySet<string> }
  | { key: string; operator: 'exists' | 'doesNotExist' }
  | { key: string; operator: 'greater' | 'less'; bound: number };

/** A conjunction of requirements. Empty selects everything. */
export type LabelSelector = readonly LabelRequirement[];

type Labels = { readonly [key: string]: string } | undefined;

/** The selector's text was not understood. The message is what the API answers. */
export class SelectorSyntaxError extends Error {}

const TOKEN = /\s*(==|!=|=|>|<|!|,|\(|\)|[^\s=!<>,()]+)\s*/y;
const SYMBOLS = new Set(['==', '!=', '=', '>', '<', '!', ',', '(', ')']);

class Tokens {
  readonly #tokens: string[] = [];
  #next = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const match = TOKEN.exec(text);
      if (!match) break;
      this.#tokens.push(match[1] as string);
    }
  }

  peek(): string {
    return this.#tokens[this.#next] ?? '';
  }

  take(): string {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  /** The next token if it is a word. */
  word(expected: string): string {
    const token = this.take();
    if (token === '' || SYMBOLS.has(token)) throw new SelectorSyntaxError(`found '${token}', expected: ${expected}`);
    return token;
  }
}

/** Parses equality and set based requirements. @throws SelectorSyntaxError */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = new Tokens(text);
  const requirements: LabelRequirement[] = [];
  while (tokens.peek() !== '') {
    requirements.push(requirementOf(tokens));
    const separator = tokens.take();
    if (separator === '') break;
    if (separator !== ',') throw new SelectorSyntaxError(`found '${separator}', expected: ',' or 'end of string'`);
    const next = tokens.peek();
    if (next === '' || (SYMBOLS.has(next) && next !== '!'))
      throw new SelectorSyntaxError(`found '${next}', expected: identifier after ','`);
  }
  return requirements;
}

function requirementOf(tokens: Tokens): LabelRequirement {
  try {
    return parseRequirement(tokens);
  } catch (error) {
    if (!(error instanceof SelectorSyntaxError)) throw error;
    throw new SelectorSyntaxError(`unable to parse requirement: ${error.message}`);
  }
}

function parseRequirement(tokens: Tokens): LabelRequirement {
  if (tokens.peek() === '!') {
    tokens.take();
    return { key: checkedKey(tokens.word('identifier')), operator: 'doesNotExist' };
  }
  const key = checkedKey(tokens.word("!, identifier, or 'end of string'"));
  const next = tokens.peek();
  if (next === '' || next === ',') return { key, operator: 'exists' };
  const operator = tokens.take();
  switch (operator) {
    case '=':
    case '==':
      return { key, operator: 'in', values: checkedValues(key, [exactValue(tokens)]) };
    case '!=':
      return { key, operator: 'notin', values: checkedValues(key, [exactValue(tokens)]) };
    case '>':
    case '<':
      return { key, operator: operator === '>' ? 'greater' : 'less', bound: checkedBound(key, exactValue(tokens)) };
    case 'in':
    case 'notin':
      return { key, operator, values: checkedValues(key, valueList(tokens)) };
    default:
      throw new SelectorSyntaxError(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  }
}

/** A value may be missing: `a=` selects the empty value. */
function exactValue(tokens: Tokens): string {
  const next = tokens.peek();
  return next === '' || next === ',' ? '' : tokens.word('identifier');
}

function valueList(tokens: Tokens): string[] {
  const open = tokens.take();
  if (open !== '(') throw new SelectorSyntaxError(`found '${open}' expected: '('`);
  const values: string[] = [];
  let value = '';
  for (;;) {
    const token = tokens.take();
    if (token === ')' || token === ',') {
      values.push(value);
      value = '';
      if (token === ')') return values;
    } else if (value !== '') {
      throw new SelectorSyntaxError(`found '${token}', expected: ',' or ')'`);
    } else if (token === '' || SYMBOLS.has(token)) {
      const orEnd = values.length === 0 ? ", ')' or identifier" : ', or identifier';
      throw new SelectorSyntaxError(`found '${token}', expected: ','${orEnd}`);
    } else value = token;
  }
}

function checkedKey(key: string): string {
  const [problem] = qualifiedNameProblems(key);
  if (problem) throw new SelectorSyntaxError(`key: Invalid value: ${JSON.stringify(key)}: ${problem}`);
  return key;
}

function checkedValues(key: string, values: string[]): ReadonlySet<string> {
  for (const [index, value] of values.entries()) {
    const [problem] = labelValueProblems(value);
    if (problem) {
      const at = `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${problem}`;
      throw new SelectorSyntaxError(at);
    }
  }
  return new Set(values);
}

function checkedBound(_key: string, text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  const why = "for 'Gt', 'Lt' operators, the value must be an integer";
  throw new SelectorSyntaxError(`values[0]: Invalid value: ${JSON.stringify(text)}: ${why}`);
}

/** True when the labels meet every requirement. */
export function matchesLabels(selector: LabelSelector, labels: Labels): boolean {
  return selector.every((requirement) => meets(requirement, labels));
}

function meets(requirement: LabelRequirement, labels: Labels): boolean {
  const has = labels !== undefined && Object.hasOwn(labels, requirement.key);
  const value = has ? (labels[requirement.key] as string) : '';
  switch (requirement.operator) {
    case 'in':
      return has && requirement.values.has(value);
    case 'notin':
      return !has || !requirement.values.has(value);
    case 'exists':
      return has;
    case 'doesNotExist':
      return !has;
    case 'greater':
      return has && /^-?\d+$/.test(value) && Number(value) > requirement.bound;
    case 'less':
      return has && /^-?\d+$/.test(value) && Number(value) < requirement.bound;
  }
}
