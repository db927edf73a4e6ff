import type { CelRule } from './fields.ts';
import { MUTABLE } from './fields.ts';
import type { StructuralSchema } from './json-schema.ts';

/**
 * One CEL rule that pins every member of a spec that is not marked `mutable`: `==` where a member is always there (required or defaulted),
 * with `has` where it may be absent. Optional chaining (`.?`) would read better and costs over 100 times the budget. Nothing to pin: undefined.
 */
export function immutabilityRule(spec: StructuralSchema): CelRule | undefined {
  const pinned = Object.entries(spec.properties ?? {}).filter(([, member]) => member[MUTABLE] !== true);
  if (pinned.length === 0) return undefined;
  const mutable = Object.entries(spec.properties ?? {}).filter(([, member]) => member[MUTABLE] === true);
  const clauses = pinned.map(([name, member]) => {
    const always = spec.required?.includes(name) === true || member.default !== undefined;
    const same = `self.${name} == oldSelf.${name}`;
    return always ? same : `has(self.${name}) == has(oldSelf.${name}) && (!has(self.${name}) || ${same})`;
  });
  return {
    rule: clauses.join(' && '),
    message: `spec is immutable but for ${mutable.map(([name]) => name).join(', ')}: make a new object instead`,
    reason: 'FieldValueForbidden',
  };
}
