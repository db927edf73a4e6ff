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
