import { compareElements } from './path-element.ts';

/**
 * A set of fields of an object, in the form in which `managedFields` carry it (FieldsV1): a tree by path elements (`f:` a member,
 * `k:` an item by its keys, `v:` an item by its value). A node without children is a member of the set; one with children is a member
 * only if it has the child `.` too. Sets are never changed, so they may share parts. No member is named `__proto__`: all have a prefix.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** The empty set, and the node of a member that has no children. */
export const LEAF: FieldSet = Object.freeze({});

/** Marks a node that has children as a member of its own. */
export const SELF = '.';

type Children = { [element: string]: FieldSet };

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** True when the node itself, not only something below it, is in the set. */
export function isMember(node: FieldSet): boolean {
  return SELF in node || isEmpty(node);
}

/** True when something is below the node. */
export function hasChildren(node: FieldSet): boolean {
  for (const element in node) if (element !== SELF) return true;
  return false;
}

/** A node from its parts; undefined when there is nothing in it. */
function nodeOf(member: boolean, children: FieldSet | undefined): FieldSet | undefined {
  if (children === undefined || isEmpty(children)) return member ? LEAF : undefined;
  return member ? { [SELF]: LEAF, ...children } : children;
}

/** The node as a member of its own, with all that is below it. */
export function asMember(node: FieldSet | undefined): FieldSet {
  if (node === undefined || isEmpty(node)) return LEAF;
  return SELF in node ? node : { [SELF]: LEAF, ...node };
}

/** What either node holds. */
export function unionNodes(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  if (isEmpty(a)) return asMember(b);
  if (isEmpty(b)) return asMember(a);
  const all = unionChildren(a, b);
  return SELF in b && !(SELF in a) ? { [SELF]: LEAF, ...all } : all;
}

/** `a` itself where `b` adds nothing to it. */
function unionChildren(a: FieldSet, b: FieldSet): FieldSet {
  let all: Children | undefined;
  for (const element in b) {
    const node = unionNodes(a[element], b[element]) as FieldSet;
    if (node === a[element]) continue;
    all ??= { ...a };
    all[element] = node;
  }
  return all ?? a;
}

/** What is in either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  return unionChildren(a, b);
}

function intersectNodes(a: FieldSet, b: FieldSet): FieldSet | undefined {
  return nodeOf(isMember(a) && isMember(b), intersectChildren(a, b));
}

function intersectChildren(a: FieldSet, b: FieldSet): Children | undefined {
  let both: Children | undefined;
  for (const element in a) {
    const other = element === SELF ? undefined : b[element];
    const node = other && intersectNodes(a[element] as FieldSet, other);
    if (node) {
      both ??= {};
      both[element] = node;
    }
  }
  return both;
}

/** What is in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return intersectChildren(a, b) ?? LEAF;
}

function differNodes(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const member = isMember(a);
  const stays = member && !isMember(b);
  const children = differChildren(a, b);
  return children === a && member === stays ? a : nodeOf(stays, children === a ? withoutSelf(a) : children);
}

function withoutSelf(node: FieldSet): FieldSet {
  const { [SELF]: _self, ...children } = node;
  return children;
}

/** The children of `a` without those in `b`: `a` itself, with its mark, where none is. */
function differChildren(a: FieldSet, b: FieldSet): FieldSet {
  let isSame = true;
  const left: Children = {};
  for (const element in a) {
    if (element === SELF) continue;
    const node = a[element] as FieldSet;
    const other = b[element];
    const rest = other ? differNodes(node, other) : node;
    if (rest !== node) isSame = false;
    if (rest) left[element] = rest;
  }
  return isSame ? a : left;
}

/** What is in `a` and not in `b`: `a` itself where they share nothing. A field stays although its parent is taken out. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return isEmpty(b) ? a : differChildren(a, b);
}

/** As `difference`, but a field that is taken out takes along all that is below it. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  let left: Children | undefined;
  for (const element in a) {
    if (element === SELF) continue;
    const node = a[element] as FieldSet;
    const other = b[element];
    const rest = other ? recursiveRest(node, other) : node;
    if (rest) {
      left ??= {};
      left[element] = rest;
    }
  }
  return left ?? LEAF;
}

function recursiveRest(node: FieldSet, taken: FieldSet): FieldSet | undefined {
  if (isMember(taken)) return undefined;
  return nodeOf(isMember(node), recursiveDifference(node, taken));
}

/** True when the field at this path is in the set. */
export function has(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) node = node?.[element];
  return node !== undefined && path.length > 0 && isMember(node);
}

/** The set of one field. */
export function singleton(path: readonly string[]): FieldSet {
  return path.reduceRight<FieldSet>((node, element) => ({ [element]: node }), LEAF);
}

/** The fields of a set: the members of a node before those below them. */
export function* paths(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  const elements = Object.keys(set)
    .filter((element) => element !== SELF)
    .sort(compareElements);
  for (const element of elements) if (isMember(set[element] as FieldSet)) yield [...prefix, element];
  for (const element of elements) yield* paths(set[element] as FieldSet, [...prefix, element]);
}

/** The same set with its elements in order, as they are written; the set itself where they are. */
export function inOrder(set: FieldSet): FieldSet {
  const elements = Object.keys(set);
  let isSame = true;
  let previous = SELF;
  const children: Children = {};
  for (const element of elements) {
    if (compareElements(element, previous) < 0) isSame = false;
    previous = element;
    const node = set[element] as FieldSet;
    const ordered = inOrder(node);
    if (ordered !== node) isSame = false;
    children[element] = ordered;
  }
  if (isSame) return set;
  const sorted: Children = {};
  for (const element of elements.sort(compareElements)) sorted[element] = children[element] as FieldSet;
  return sorted;
}
