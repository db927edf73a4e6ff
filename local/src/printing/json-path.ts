import { isJsonObject, type JsonValue } from '../schema/index.ts';

type Step =
  | { kind: 'member'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'every' }
  | { kind: 'filter'; path: Step[]; operator: string; value: JsonValue };

/** A JSONPath ready to be read from objects. */
export type JsonPath = (object: JsonValue) => JsonValue[];

const MEMBER = /^\.((?:[^.[\]\\]|\\.)+)/;
const BRACKET = /^\[(?:(-?\d+)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\*))\]/;
const FILTER = /^\[\?\(\s*@((?:\.[^\s=!<>)]+)*)\s*(?:(==|!=|<=|>=|<|>)\s*([^)]+?)\s*)?\)\]/;

function literal(text: string): JsonValue {
  const quoted = /^(['"])(.*)\1$/.exec(text);
  if (quoted) return quoted[2] ?? '';
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function filterStep(match: RegExpExecArray): Step {
  return {
    kind: 'filter',
    path: readSteps(match[1] ?? ''),
    operator: match[2] ?? '',
    value: match[3] === undefined ? null : literal(match[3]),
  };
}

function bracketStep(match: RegExpExecArray): Step {
  if (match[4] !== undefined) return { kind: 'every' };
  if (match[1] !== undefined) return { kind: 'index', index: Number(match[1]) };
  return { kind: 'member', name: (match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1') };
}

function readSteps(path: string): Step[] {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== '' && rest !== '.') {
    const member = MEMBER.exec(rest);
    const bracket = member ? null : BRACKET.exec(rest);
    const filter = member || bracket ? null : FILTER.exec(rest);
    const match = member ?? bracket ?? filter;
    if (!match) throw new SyntaxError(`unrecognized column definition ${JSON.stringify(path)}`);
    if (member)
      steps.push(
        member[1] === '*' ? { kind: 'every' } : { kind: 'member', name: (member[1] ?? '').replace(/\\(.)/g, '$1') },
      );
    else steps.push(bracket ? bracketStep(bracket) : filterStep(match));
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function compare(operator: string, left: JsonValue, right: JsonValue): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || left === null || right === null) return false;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

const childrenOf = (value: JsonValue): JsonValue[] => {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value).filter((member) => member !== undefined) : [];
};

function matches(item: JsonValue, { path, operator, value }: Extract<Step, { kind: 'filter' }>): boolean {
  const [found] = follow([item], path);
  if (found === undefined) return false;
  return operator === '' || compare(operator, found, value);
}

function take(value: JsonValue, step: Step): JsonValue[] {
  if (step.kind === 'every') return childrenOf(value);
  if (step.kind === 'filter') return childrenOf(value).filter((item) => matches(item, step));
  if (step.kind === 'index') {
    const item = Array.isArray(value) ? value.at(step.index) : undefined;
    return item === undefined ? [] : [item];
  }
  const member = isJsonObject(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined;
  return member === undefined ? [] : [member];
}

function follow(values: JsonValue[], steps: readonly Step[]): JsonValue[] {
  return steps.reduce((current, step) => current.flatMap((value) => take(value, step)), values);
}

/**
 * Compiles the JSONPath of a printer column: members (`.a`, `['a']`, `.a\.b`), indices, `[*]` and filters such as
 * `[?(@.type=="Ready")]`. What is missing is left out of the result.
 * @throws SyntaxError for anything else.
 */
export function compileJsonPath(path: string): JsonPath {
  const steps = readSteps(path);
  return (object) => follow([object], steps);
}
