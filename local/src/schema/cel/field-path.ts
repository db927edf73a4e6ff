import type { SchemaNode } from '../structural.ts';

const STEP = /^(?:\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\])/;

/**
 * Reads the `fieldPath` of a rule (`.spec.intervention`, `['x-y']`) beside its schema.
 * @returns the path as error messages spell it, or undefined where it leads to no field.
 */
export function normalizeFieldPath(path: string, root: SchemaNode): string | undefined {
  let rest = path;
  let node: SchemaNode | undefined = root;
  let spelt = '';
  while (rest !== '') {
    const step = STEP.exec(rest);
    const name = step?.[1] ?? step?.[2]?.replace(/\\(.)/g, '$1');
    if (!step || name === undefined || node === undefined) return undefined;
    const named: SchemaNode | undefined = node.properties.get(name);
    if (!named && !node.additional) return undefined;
    spelt += named ? (spelt === '' ? name : `.${name}`) : `[${name}]`;
    node = named ?? node.additional;
    rest = rest.slice(step[0].length);
  }
  return spelt === '' ? undefined : spelt;
}
