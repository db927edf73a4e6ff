import { type FieldSet, hasChildren, recursiveDifference, SELF, singleton, union } from './field-set.ts';
import { DEDUCED, type FieldType, memberType } from './field-type.ts';

/**
 * A set that was written under an older schema, under today's: what has become atomic since is owned as a whole. The set itself where nothing
 * has changed. What was atomic and is no longer is left as it is, as in structured-merge-diff.
 */
export function reconcileSchema(set: FieldSet, type: FieldType): FieldSet {
  const atomic: string[][] = [];
  findAtomic(set, type, [], atomic);
  return atomic.reduce((rest, path) => {
    const whole = singleton(path);
    return union(recursiveDifference(rest, whole), whole);
  }, set);
}

/** Gathers the paths of parts that are owned in pieces although they are atomic. */
function findAtomic(node: FieldSet, type: FieldType, path: readonly string[], found: string[][]): void {
  const { map, list, scalar } = type;
  if (map ? map.fields.size === 0 && map.rest === DEDUCED : scalar !== undefined) return;
  const isAtomic = map ? map.atomic : list?.relation === 'atomic';
  if (isAtomic && path.length > 0) {
    if (hasChildren(node)) found.push([...path]);
    return;
  }
  for (const element in node) {
    if (element === SELF) continue;
    const below = map ? memberType(map, element.startsWith('f:') ? element.slice(2) : '') : list?.items;
    if (below) findAtomic(node[element] as FieldSet, below, [...path, element], found);
  }
}
