import type { JsonObject, JsonValue } from '../json/json.ts';
import type { ManagedFieldsEntry } from '../json/kube-object.ts';
import { type FieldSet, inOrder, LEAF } from './field-set.ts';
import { canonicalElement } from './path-element.ts';

export type Operation = 'Apply' | 'Update';

/** Who owns which fields of an object: one manager by one kind of operation. */
export interface Owner {
  manager: string;
  operation: Operation;
  /** The version that the fields are named in. */
  apiVersion: string;
  /** Such as `status`; empty for the object itself. */
  subresource: string;
  /** When it last changed something; unknown for one that only ever confirmed. */
  time: string | undefined;
  fields: FieldSet;
  /** The fields as they were read from the store, where they are in order. */
  stored?: FieldSet;
}

/** True when both are the same owner: an applier is one whatever version it uses, an updater is one per version. */
export function isSameOwner(a: Owner, b: Owner): boolean {
  return (
    a.operation === b.operation &&
    a.manager === b.manager &&
    a.subresource === b.subresource &&
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  );
}

/** Sorts as the real server's identifiers do, which are JSON texts. */
export function identifierOf({ manager, operation, apiVersion, subresource }: Owner): string {
  return JSON.stringify({
    manager: manager || undefined,
    operation,
    apiVersion: operation === 'Apply' ? undefined : apiVersion,
    subresource: subresource || undefined,
  });
}

const seconds = (time: string | undefined) => (time === undefined ? 0 : Date.parse(time) / 1000);
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Oldest first; owners of the same second in the order of their identifiers. */
export function byAge(a: Owner, b: Owner): number {
  return seconds(a.time) - seconds(b.time) || compareText(identifierOf(a), identifierOf(b));
}

function inListOrder(a: Owner, b: Owner): number {
  return (
    compareText(a.operation, b.operation) ||
    seconds(a.time) - seconds(b.time) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** The owners as `managedFields` list them; undefined when there are none. */
export function writeOwners(owners: readonly Owner[]): ManagedFieldsEntry[] | undefined {
  if (owners.length === 0) return undefined;
  return [...owners].sort(inListOrder).map(writeOwner);
}

function writeOwner({ manager, operation, apiVersion, subresource, time, fields, stored }: Owner): ManagedFieldsEntry {
  return {
    ...(manager && { manager }),
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: stored === fields ? fields : inOrder(fields),
    ...(subresource && { subresource }),
  };
}

/** The owners that this server has written. */
export function storedOwners(entries: readonly ManagedFieldsEntry[] | undefined): Owner[] {
  return (entries ?? []).map((entry) => {
    const fields = (entry.fieldsV1 ?? LEAF) as FieldSet;
    return {
      manager: entry.manager ?? '',
      operation: entry.operation as Operation,
      apiVersion: entry.apiVersion ?? '',
      subresource: entry.subresource ?? '',
      time: entry.time,
      fields,
      stored: fields,
    };
  });
}

/** The owners that a client states, in canonical form; undefined when the list cannot be read, which counts as none given. */
export function readOwners(entries: readonly ManagedFieldsEntry[]): Owner[] | undefined {
  const owners: Owner[] = [];
  for (const entry of entries) {
    const { operation, apiVersion, fieldsType } = entry;
    if ((operation !== 'Apply' && operation !== 'Update') || !apiVersion || fieldsType !== 'FieldsV1') return undefined;
    const fields = readSet(entry.fieldsV1);
    if (!fields) return undefined;
    const { manager = '', subresource = '', time } = entry;
    const owner: Owner = { manager, operation, apiVersion, subresource, time, fields };
    const before = owners.findIndex((other) => isSameOwner(other, owner));
    if (before < 0) owners.push(owner);
    else owners[before] = owner;
  }
  return owners;
}

function readSet(tree: JsonObject | undefined): FieldSet | undefined {
  try {
    return readNode(tree ?? {});
  } catch {
    return undefined;
  }
}

/** @throws SyntaxError for an element that cannot be read */
function readNode(tree: JsonValue | undefined): FieldSet {
  if (tree === null || tree === undefined) return LEAF;
  if (typeof tree !== 'object' || Array.isArray(tree)) throw new SyntaxError('a set of fields is an object');
  const node: { [element: string]: FieldSet } = {};
  for (const [text, child] of Object.entries(tree)) {
    const element = text === '.' ? text : canonicalElement(text);
    if (element !== undefined) node[element] = text === '.' ? LEAF : readNode(child);
  }
  return Object.keys(node).length > 0 && !(Object.keys(node).length === 1 && '.' in node) ? node : LEAF;
}

/** True when a client asks for the record to be thrown away. */
export function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  return entries.length === 0 || (entries.length === 1 && Object.keys(entries[0] ?? {}).length === 0);
}
