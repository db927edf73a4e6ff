/** Words that CEL's lexer keeps for itself: a property of that name is written `__name__`. */
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
/** Names that JavaScript objects already have: a property of that name is not shown to CEL rules. */
const UNSAFE = new Set([
  'constructor',
  '__proto__',
  'prototype',
  'raw',
  'cache',
  'hasOwnProperty',
  'toString',
  'valueOf',
]);
const ESCAPES: Record<string, string> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/** The name by which a CEL rule reads a property, as Kubernetes escapes it; undefined where rules cannot name it. */
export function celFieldName(property: string): string | undefined {
  if (RESERVED.has(property)) return `__${property}__`;
  if (property === '' || UNSAFE.has(property) || /[^a-zA-Z0-9\-./_]|^[0-9]/.test(property)) return undefined;
  return property.replace(/__|[-./]/g, (match) => ESCAPES[match] ?? match);
}
