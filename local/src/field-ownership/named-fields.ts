import { asMember, type FieldSet, SELF } from './field-set.ts';
import type { FieldType } from './field-type.ts';

/**
 * The set with every declared member of an object that holds a field of the set, as structured-merge-diff's `EnsureNamedFieldsAreMembers`.
 * Otherwise such members are in no set: who applies `spec.a` does not own `spec`.
 */
export function withNamedFields(set: FieldSet, type: FieldType | undefined): FieldSet {
  const named: { [element: string]: FieldSet } = {};
  for (const element in set) {
    const node = set[element] as FieldSet;
    if (element === SELF) {
      named[element] = node;
      continue;
    }
    const name = element.startsWith('f:') ? element.slice(2) : undefined;
    const declared = name === undefined ? undefined : type?.map?.fields.get(name);
    const below = name === undefined ? keyedItems(element, type) : (declared ?? type?.map?.rest);
    const inner = withNamedFields(node, below);
    named[element] = declared ? asMember(inner) : inner;
  }
  return named;
}

function keyedItems(element: string, type: FieldType | undefined): FieldType | undefined {
  return element.startsWith('k:') ? type?.list?.items : undefined;
}
