import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts';
import { goQuote } from '../schema/go-text.ts';
import { deduceType, type FieldType, type ListType, type MapType, memberType, type ScalarType } from './field-type.ts';
import { fieldElement, itemElement, printPath } from './path-element.ts';

/**
 * What keeps an object from being merged by its type, in the words of structured-merge-diff: fields that are not declared, values of another
 * kind, items that cannot be told apart. Empty when nothing does.
 */
export function typeProblems(value: JsonObject, type: FieldType): string[] {
  const check: Check = { path: [], problems: [] };
  checkValue(value, type, check);
  return check.problems;
}

/** The problems as one text: one alone, or a list. */
export function problemText(problems: readonly string[]): string {
  return problems.length === 1 ? (problems[0] ?? '') : ['errors:', ...problems.map((line) => `  ${line}`)].join('\n');
}

interface Check {
  path: string[];
  problems: string[];
}

function report({ path, problems }: Check, problem: string): void {
  problems.push(path.length > 0 ? `${printPath(path)}: ${problem}` : problem);
}

function checkBelow(element: string, value: JsonValue, type: FieldType, check: Check): void {
  check.path.push(element);
  checkValue(value, type, check);
  check.path.pop();
}

function checkValue(value: JsonValue, type: FieldType, check: Check): void {
  const { map, scalar, list } = deduceType(type, value);
  if (value === null) return;
  if (map) checkMap(value, map, check);
  else if (scalar) checkScalar(value, scalar, check);
  else if (list) checkList(value, list, check);
}

function checkMap(value: JsonValue, type: MapType, check: Check): void {
  if (!isJsonObject(value)) {
    report(check, `expected map, got &{${goValue(value)}}`);
    return;
  }
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    const own = memberType(type, name);
    if (member === undefined) continue;
    if (own) checkBelow(fieldElement(name), member, own, check);
    else {
      check.path.push(fieldElement(name));
      report(check, 'field not declared in schema');
      check.path.pop();
      // The walk over a map ends at the first member that has no place in it.
      return;
    }
  }
}

function checkList(value: JsonValue, type: ListType, check: Check): void {
  if (!Array.isArray(value)) {
    report(check, `expected list, got &{${goValue(value)}}`);
    return;
  }
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    if (type.relation === 'atomic') {
      checkBelow(`i:${index}`, item, type.items, check);
      continue;
    }
    const element = itemElement(type, item);
    if (typeof element !== 'string') {
      report(check, `element ${index}: ${element.problem}`);
      return;
    }
    if (seen.has(element)) report(check, `duplicate entries for key ${printPath([element])}`);
    seen.add(element);
    checkBelow(element, item, type.items, check);
  }
}

function checkScalar(value: JsonValue, type: ScalarType, check: Check): void {
  if (type === 'numeric' && typeof value !== 'number')
    report(check, `expected numeric (int or float), got ${goTypeName(value)}`);
  else if (type === 'string' && typeof value !== 'string')
    report(check, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
  else if (type === 'boolean' && typeof value !== 'boolean')
    report(check, `expected boolean, got &{${goValue(value)}}`);
  else if (type === 'untyped' && typeof value === 'object')
    report(check, `expected any scalar, got &{${goValue(value)}}`);
}

/** As Go's `%T`. */
function goTypeName(value: JsonValue): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isJsonObject(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** As Go's `%v`. */
function goValue(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (!isJsonObject(value)) return String(value);
  const members = Object.keys(value).sort();
  return `map[${members.map((name) => `${name}:${goValue(value[name] ?? null)}`).join(' ')}]`;
}

/** As Go's `%#v`. */
function goSyntax(value: JsonValue): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isJsonObject(value)) return String(value);
  const members = Object.keys(value).sort();
  return `map[string]interface {}{${members.map((name) => `${goQuote(name)}:${goSyntax(value[name] ?? null)}`).join(', ')}}`;
}
