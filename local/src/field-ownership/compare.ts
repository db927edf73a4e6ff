import { isJsonObject, type JsonObject, type JsonValue, jsonEqual } from '../json/json.ts';
import { asMember, type FieldSet, LEAF, unionNodes } from './field-set.ts';
import { deduceType, type FieldType, type ListType, type MapType, memberType } from './field-type.ts';
import { fieldElement, itemsByElement } from './path-element.ts';

/** What changed between two states of an object. No field is in two of the sets. */
export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** The same for a part of the object, as nodes of those sets: a leaf is the part itself. */
interface Change {
  added: FieldSet | undefined;
  modified: FieldSet | undefined;
  removed: FieldSet | undefined;
}

type Value = JsonValue | undefined;

const SIDES = ['added', 'modified', 'removed'] as const;

/** Compares two states of an object by its type, as structured-merge-diff's `Compare`. Values of a wrong type count as leaves. */
export function compare(before: JsonObject, after: JsonObject, type: FieldType): Comparison {
  const change = compareValues(before, after, type);
  return { added: change?.added ?? LEAF, modified: change?.modified ?? LEAF, removed: change?.removed ?? LEAF };
}

function leafChange(before: Value, after: Value): Change | undefined {
  if (before === undefined) return { added: LEAF, modified: undefined, removed: undefined };
  if (after === undefined) return { added: undefined, modified: undefined, removed: LEAF };
  return jsonEqual(before, after) ? undefined : { added: undefined, modified: LEAF, removed: undefined };
}

function compareValues(before: Value, after: Value, type: FieldType | undefined): Change | undefined {
  if (before === after) return undefined;
  if (type === undefined) return leafChange(before, after);
  const [old, now] = [deduceType(type, before), deduceType(type, after)];
  if (after === undefined) return compareAs(before, after, old);
  if (before === undefined || isSameKind(old, now)) return compareAs(before, after, now);
  // From one kind of value to another: both sides are walked.
  return merged(compareAs(before, after, old), compareAs(before, after, now));
}

function isSameKind(a: FieldType, b: FieldType): boolean {
  return a.map === b.map && a.list === b.list && a.scalar === b.scalar;
}

function merged(a: Change | undefined, b: Change | undefined): Change | undefined {
  if (!a || !b) return a ?? b;
  return {
    added: unionNodes(a.added, b.added),
    modified: unionNodes(a.modified, b.modified),
    removed: unionNodes(a.removed, b.removed),
  };
}

function compareAs(before: Value, after: Value, type: FieldType): Change | undefined {
  if (type.map) return compareMaps(before, after, type.map);
  if (type.scalar) return leafChange(before, after);
  return type.list ? compareLists(before, after, type.list) : leafChange(before, after);
}

/** A part that has come or gone is itself a field, besides what is in it. */
function withSelf(before: Value, after: Value, change: Change | undefined): Change | undefined {
  if (before !== undefined && after !== undefined) return change;
  const result = change ?? { added: undefined, modified: undefined, removed: undefined };
  if (before === undefined) result.added = asMember(result.added);
  else result.removed = asMember(result.removed);
  return result;
}

const isFilled = (map: JsonObject | undefined) => map !== undefined && Object.keys(map).length > 0;

function compareMaps(before: Value, after: Value, type: MapType): Change | undefined {
  const old = isJsonObject(before) ? before : undefined;
  const now = isJsonObject(after) ? after : undefined;
  if (type.atomic || (!isFilled(old) && !isFilled(now))) return leafChange(before, after);
  const parts = new Parts();
  for (const name in old) {
    if (old[name] !== undefined)
      parts.add(fieldElement(name), compareValues(old[name], now?.[name], memberType(type, name)));
  }
  for (const name in now) {
    if (now[name] !== undefined && old?.[name] === undefined)
      parts.add(fieldElement(name), compareValues(undefined, now[name], memberType(type, name)));
  }
  return withSelf(before, after, parts.change);
}

function compareLists(before: Value, after: Value, type: ListType): Change | undefined {
  const old = Array.isArray(before) ? before : undefined;
  const now = Array.isArray(after) ? after : undefined;
  if (type.relation === 'atomic' || (!old?.length && !now?.length)) return leafChange(before, after);
  const [oldItems, nowItems] = [itemsByElement(type, old), itemsByElement(type, now)];
  const parts = new Parts();
  for (const [element, items] of oldItems)
    parts.add(element, compareItems(items, nowItems.get(element) ?? [], type.items));
  for (const [element, items] of nowItems)
    if (!oldItems.has(element)) parts.add(element, compareItems([], items, type.items));
  return withSelf(before, after, parts.change);
}

/** Items that occur more than once have no members of their own: only that they are there is known. */
function compareItems(old: JsonValue[], now: JsonValue[], type: FieldType): Change | undefined {
  if (old.length <= 1 && now.length <= 1) return compareValues(old[0], now[0], type);
  if (old.length >= 2 && now.length >= 2) {
    return jsonEqual(old, now) ? undefined : { added: undefined, modified: LEAF, removed: undefined };
  }
  if (old.length >= 2) {
    const single = now[0] === undefined ? undefined : compareValues(undefined, now[0], type);
    return merged({ added: undefined, modified: undefined, removed: LEAF }, single);
  }
  const single = old[0] === undefined ? undefined : compareValues(old[0], undefined, type);
  return merged(single, { added: LEAF, modified: undefined, removed: undefined });
}

/** Gathers the changes of the parts of a value. Nothing is allocated while nothing changed. */
class Parts {
  change: Change | undefined;

  add(element: string, part: Change | undefined): void {
    if (!part) return;
    this.change ??= { added: undefined, modified: undefined, removed: undefined };
    for (const side of SIDES) {
      const node = part[side];
      if (!node) continue;
      const set = (this.change[side] ?? {}) as { [element: string]: FieldSet };
      set[element] = node;
      this.change[side] = set;
    }
  }
}
