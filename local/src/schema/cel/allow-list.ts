import type { ASTNode } from '@marcbachmann/cel-js';

/**
 * The functions that rules may call here: those whose meaning in the library is that of cel-go. A rule with any other is
 * refused with its CRD, so no rule ever decides differently in the two engines without a word.
 */
export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['has', 'size', 'int', 'double', 'string', 'bool', 'bytes', 'type', 'timestamp', 'duration', 'dyn'],
  ...['all', 'exists', 'exists_one', 'map', 'filter'],
  ...[
    'startsWith',
    'endsWith',
    'contains',
    'matches',
    'getFullYear',
    'getMonth',
    'getDayOfMonth',
    'getHours',
    'getMinutes',
    'getSeconds',
  ],
]);

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** Visits a parsed expression and all that it contains. */
export function visitNodes(value: unknown, visit: (node: ASTNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visitNodes(item, visit);
  } else if (isNode(value)) {
    visit(value);
    visitNodes(value.args, visit);
  }
}

/** The first called function that is not allowed, if any. */
export function forbiddenCall(ast: ASTNode): { name: string; node: ASTNode } | undefined {
  let found: { name: string; node: ASTNode } | undefined;
  visitNodes(ast, (node) => {
    if ((node.op === 'call' || node.op === 'rcall') && !ALLOWED_FUNCTIONS.has(node.args[0]))
      found ??= { name: node.args[0], node };
  });
  return found;
}

/** Whether the expression reads a variable. */
export function mentions(ast: ASTNode, variable: string): boolean {
  let found = false;
  visitNodes(ast, (node) => {
    if (node.op === 'id' && node.args === variable) found = true;
  });
  return found;
}
