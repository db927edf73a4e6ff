import { isJsonObject, type JsonObject, type JsonValue, setMember } from '../json/json.ts';
import { deduceType, type FieldType, type ListType, type MapType, memberType } from './field-type.ts';
import { itemElement, itemsByElement } from './path-element.ts';

type Value = JsonValue | undefined;

/**
 * The live object with a configuration merged into it, as structured-merge-diff's `Merge`: nothing is removed, the configuration wins where
 * both have a leaf, and items stand in the configuration's order where that names them. Neither is changed; the result shares parts of both.
 */
export function mergeConfiguration(live: JsonObject, configuration: JsonObject, type: FieldType): JsonObject {
  return mergeValues(live, configuration, type) as JsonObject;
}

function mergeValues(live: Value, given: Value, type: FieldType | undefined): Value {
  if (given === undefined || type === undefined) return given ?? live;
  const kind = deduceType(type, given);
  if (kind.map) return mergeMaps(live, given, kind.map);
  if (kind.scalar || !kind.list) return given;
  return mergeLists(live, given, kind.list);
}

function mergeMaps(live: Value, given: JsonValue, type: MapType): Value {
  const [old, own] = [isJsonObject(live) ? live : {}, isJsonObject(given) ? given : {}];
  const names = new Set([...Object.keys(old), ...Object.keys(own)]);
  // Two empty sides are a leaf: that keeps null apart from {}.
  if (type.atomic || names.size === 0) return given;
  const merged: JsonObject = {};
  for (const name of names) {
    const value = mergeValues(old[name], own[name], memberType(type, name));
    if (value !== undefined) setMember(merged, name, value);
  }
  return merged;
}

function mergeLists(live: Value, given: JsonValue, type: ListType): Value {
  const [old, own] = [Array.isArray(live) ? live : [], Array.isArray(given) ? given : []];
  if (type.relation === 'atomic' || (old.length === 0 && own.length === 0)) return given;
  const items = new ListMerge(type, old, own).run();
  return items.length > 0 ? items : undefined;
}

/** One item of either list, with what names it. */
interface Item {
  element: string;
  value: JsonValue;
}

function placed(type: ListType, items: readonly JsonValue[]): Item[] {
  return items.flatMap((value) => {
    const element = itemElement(type, value);
    return typeof element === 'string' ? [{ element, value }] : [];
  });
}

/** Interleaves two lists: shared items in the order of the second, items of the first alone where they stood among them. */
class ListMerge {
  readonly #type: ListType;
  readonly #old: Item[];
  readonly #own: Item[];
  readonly #oldValues: Map<string, JsonValue[]>;
  readonly #ownValues: Map<string, JsonValue[]>;
  /** The shared items that are still to come, in the order of the second list. */
  readonly #shared: string[];
  readonly #done = new Set<string>();
  readonly #out: JsonValue[] = [];
  #left = 0;
  #right = 0;

  constructor(type: ListType, old: readonly JsonValue[], own: readonly JsonValue[]) {
    this.#type = type;
    this.#old = placed(type, old);
    this.#own = placed(type, own);
    this.#oldValues = itemsByElement(type, old);
    this.#ownValues = itemsByElement(type, own);
    this.#shared = this.#own.map(({ element }) => element).filter((element) => this.#oldValues.has(element));
  }

  run(): JsonValue[] {
    while (this.#left < this.#old.length || this.#right < this.#own.length) this.#step();
    return this.#out;
  }

  #step(): void {
    const [old, own] = [this.#old[this.#left], this.#own[this.#right]];
    if (old && own && old.element !== own.element && this.#waits(old.element)) this.#left += 1;
    else if (old && old.element !== own?.element && !this.#ownValues.has(old.element)) {
      this.#push(mergeValues(old.value, undefined, this.#type.items));
      this.#left += 1;
    } else {
      if (old && (old.element === own?.element || this.#done.has(old.element))) this.#left += 1;
      if (own) this.#take(own.element);
    }
  }

  /** A shared item that is not the next one in the order of the second list is passed over: it is taken when its turn comes. */
  #waits(element: string): boolean {
    const [next] = this.#shared;
    return this.#ownValues.has(element) && next !== undefined && next !== element;
  }

  #take(element: string): void {
    this.#done.add(element);
    const old = this.#oldValues.get(element);
    // An item that occurs several times is not merged with, but replaced.
    const base = old && old.length > 1 ? null : old?.[0];
    this.#push(mergeValues(base, this.#ownValues.get(element)?.[0], this.#type.items));
    if (this.#shared[0] === element) this.#shared.shift();
    this.#right += 1;
  }

  #push(value: Value): void {
    if (value !== undefined) this.#out.push(value);
  }
}
