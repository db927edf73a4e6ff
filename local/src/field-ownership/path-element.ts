import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts';
import { goJson, goQuote } from '../schema/go-text.ts';
import type { ListType } from './field-type.ts';

/** The element of a path that names a member of an object. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The problem with an item that has no place in its list. */
export interface ItemProblem {
  problem: string;
}

/** The element that names an item of a set, or of a list with keys; or what is wrong with the item. */
export function itemElement(list: ListType, item: JsonValue | undefined): string | ItemProblem {
  return list.relation === 'map' ? keyElement(list, item) : valueElement(item);
}

function keyElement(list: ListType, item: JsonValue | undefined): string | ItemProblem {
  if (item === null || item === undefined) return { problem: 'associative list with keys may not have a null element' };
  if (!isJsonObject(item)) return { problem: 'associative list with keys may not have non-map elements' };
  const key: JsonObject = {};
  let isKeyless = true;
  for (const name of list.keys) {
    const value = item[name] ?? list.items.map?.defaults.get(name);
    if (value === undefined && item[name] === undefined) continue;
    key[name] = item[name] === undefined ? (value as JsonValue) : (item[name] as JsonValue);
    isKeyless = false;
  }
  if (isKeyless && list.keys.length > 0) {
    const names = list.keys.map(goQuote).join(' ');
    return {
      problem: `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    };
  }
  return `k:${goJson(key)}`;
}

function valueElement(item: JsonValue | undefined): string | ItemProblem {
  if (item === null || item === undefined)
    return { problem: "associative list without keys has an element that's an explicit null" };
  if (Array.isArray(item)) return { problem: 'not supported: associative list with lists as elements' };
  if (isJsonObject(item)) return { problem: "associative list without keys has an element that's a map type" };
  return `v:${goJson(item)}`;
}

/** The items of a list by their elements, in the order of the list. An item that occurs again has several; those without a place are left out. */
export function itemsByElement(list: ListType, items: readonly JsonValue[] | undefined): Map<string, JsonValue[]> {
  const found = new Map<string, JsonValue[]>();
  for (const item of items ?? []) {
    const element = itemElement(list, item);
    if (typeof element !== 'string') continue;
    const same = found.get(element);
    if (same) same.push(item);
    else found.set(element, [item]);
  }
  return found;
}

/** Members first, then items by their keys, by their value, by their place; `.` before all. */
const KIND_ORDER = '.fkvi';
const TYPE_ORDER = ['number', 'string', 'boolean'];

/** The order in which elements are written and told of: texts by their characters, numbers by their size. */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0;
  const kind = a.charAt(0);
  if (kind !== b.charAt(0)) return KIND_ORDER.indexOf(kind) - KIND_ORDER.indexOf(b.charAt(0));
  if (kind === 'f' || kind === '.') return a < b ? -1 : 1;
  return compareValues(JSON.parse(a.slice(2)) as JsonValue, JSON.parse(b.slice(2)) as JsonValue);
}

function compareValues(a: JsonValue, b: JsonValue): number {
  if (isJsonObject(a) && isJsonObject(b)) return compareKeys(a, b);
  if (typeof a !== typeof b) return TYPE_ORDER.indexOf(typeof a) - TYPE_ORDER.indexOf(typeof b);
  if (a === b || a === null || b === null) return 0;
  return a < b ? -1 : 1;
}

function compareKeys(a: JsonObject, b: JsonObject): number {
  const [names, others] = [Object.keys(a), Object.keys(b)];
  for (const [index, name] of names.entries()) {
    const other = others[index];
    if (other === undefined) return 1;
    if (name !== other) return name < other ? -1 : 1;
    const order = compareValues(a[name] ?? null, b[name] ?? null);
    if (order !== 0) return order;
  }
  return names.length - others.length;
}

const KINDS = new Set(['f', 'k', 'v', 'i']);

/** A path element of a client in its canonical form; undefined for one of a kind that is not known. @throws SyntaxError */
export function canonicalElement(text: string): string | undefined {
  if (text.length < 2) throw new SyntaxError('key must be 2 characters long:');
  if (text[1] !== ':') throw new SyntaxError(`missing colon: ${text}`);
  const [kind = '', rest] = [text[0], text.slice(2)];
  if (!KINDS.has(kind)) return undefined;
  if (kind === 'f' || kind === 'i') return text;
  return `${kind}:${goJson(JSON.parse(rest) as JsonValue)}`;
}

/** A value in a path, as Go prints it for people. */
function printed(value: JsonValue | undefined): string {
  return typeof value === 'string' ? goQuote(value) : goJson(value);
}

function printElement(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('i:')) return `[${rest}]`;
  const value = JSON.parse(rest) as JsonValue;
  if (element.startsWith('v:')) return `[=${printed(value)}]`;
  const key = isJsonObject(value) ? value : {};
  return `[${Object.keys(key)
    .map((name) => `${name}=${printed(key[name])}`)
    .join(',')}]`;
}

/** A path as conflicts and errors name it: `.spec.parts[id="p"].value`. */
export function printPath(path: readonly string[]): string {
  return path.map(printElement).join('');
}
