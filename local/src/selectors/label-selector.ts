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

  /** Whether the next token is a key or a value; `in` and `notin` are, too, where no operator can stand. */
  isWord(): boolean {
    const token = this.peek();
    return token !== '' && !SYMBOLS.has(token);
  }
}

/** Parses equality and set based requirements, and refuses in the words of apimachinery's parser (pkg/labels/selector.go). @throws SelectorSyntaxError */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = new Tokens(text);
  const requirements: LabelRequirement[] = [];
  const isRequirement = () => tokens.isWord() || tokens.peek() === '!';
  while (tokens.peek() !== '') {
    if (!isRequirement()) throw unexpected(tokens.peek(), "!, identifier, or 'end of string'");
    requirements.push(requirementOf(tokens));
    const separator = tokens.take();
    if (separator === '') break;
    if (separator !== ',') throw unexpected(separator, "',' or 'end of string'");
    if (!isRequirement()) throw unexpected(tokens.peek(), "identifier after ','");
  }
  return requirements;
}

const unexpected = (found: string, expected: string) =>
  new SelectorSyntaxError(`found '${found}', expected: ${expected}`);

function requirementOf(tokens: Tokens): LabelRequirement {
  try {
    return parseRequirement(tokens);
  } catch (error) {
    if (!(error instanceof SelectorSyntaxError)) throw error;
    throw new SelectorSyntaxError(`unable to parse requirement: ${error.message}`);
  }
}

function parseRequirement(tokens: Tokens): LabelRequirement {
  const isNegated = tokens.peek() === '!';
  if (isNegated) tokens.take();
  if (!tokens.isWord()) throw unexpected(tokens.peek(), 'identifier');
  const key = checkedKey(tokens.take());
  // What follows `!key` is no operator: the caller refuses it.
  if (isNegated) return { key, operator: 'doesNotExist' };
  if (tokens.peek() === '' || tokens.peek() === ',') return { key, operator: 'exists' };
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
      throw unexpected(operator, 'in, notin, =, ==, !=, gt, lt');
  }
}

/** A value may be missing: `a=` selects the empty value. */
function exactValue(tokens: Tokens): string {
  if (tokens.peek() === '' || tokens.peek() === ',') return '';
  if (!tokens.isWord()) throw unexpected(tokens.peek(), 'identifier');
  return tokens.take();
}

/** `(a,b)`; nothing between two commas, or beside one at an end, is the empty value, and so is `()`. */
function valueList(tokens: Tokens): string[] {
  const open = tokens.take();
  if (open !== '(') throw new SelectorSyntaxError(`found '${open}' expected: '('`);
  if (!tokens.isWord() && tokens.peek() !== ',' && tokens.peek() !== ')')
    throw unexpected(tokens.peek(), "',', ')' or identifier");
  const values = new Set<string>(tokens.peek() === ')' ? [''] : []);
  while (tokens.peek() !== ')') {
    if (tokens.isWord()) takeValue(tokens, values);
    else if (tokens.peek() === ',') takeComma(tokens, values);
    else throw unexpected(tokens.peek(), "',', or identifier");
  }
  tokens.take();
  return [...values].sort();
}

function takeValue(tokens: Tokens, values: Set<string>): void {
  values.add(tokens.take());
  if (tokens.peek() !== ',' && tokens.peek() !== ')') throw unexpected(tokens.peek(), "',' or ')'");
}

function takeComma(tokens: Tokens, values: Set<string>): void {
  tokens.take();
  if (values.size === 0 || tokens.peek() === ')') values.add('');
  if (tokens.peek() !== ',') return;
  tokens.take();
  values.add('');
  // As the original has it: two commas may stand together, and not at the end.
  if (tokens.peek() === ')') throw unexpected(')', "',', or identifier");
}

function checkedKey(key: string): string {
  const problems = qualifiedNameProblems(key);
  if (problems.length === 0) return key;
  // The parser knows no path to the key, and Go prints that as nil.
  throw new SelectorSyntaxError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`);
}

function checkedValues(key: string, values: readonly string[]): ReadonlySet<string> {
  refuse(valueProblems(key, values));
  return new Set(values);
}

const valueProblems = (key: string, values: readonly string[]): string[] =>
  values.flatMap((value, index) => {
    const problems = labelValueProblems(value);
    const at = `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}`;
    return problems.length > 0 ? [`${at}: ${problems.join('; ')}`] : [];
  });

function checkedBound(key: string, text: string): number {
  const why = "for 'Gt', 'Lt' operators, the value must be an integer";
  const isNumber = /^[+-]?\d+$/.test(text);
  refuse([
    ...(isNumber ? [] : [`values[0]: Invalid value: ${JSON.stringify(text)}: ${why}`]),
    ...valueProblems(key, [text]),
  ]);
  return Number(text);
}

/** Several errors are one, in brackets. */
function refuse(problems: readonly string[]): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  throw new SelectorSyntaxError(others.length > 0 ? `[${problems.join(', ')}]` : first);
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
