import { type StructuralSchema, walkSchema } from './json-schema.ts';

/** The largest status that the linter lets pass, in bytes of JSON: etcd holds 1.5 MiB, and every watcher gets each copy. */
export const MAX_STATUS_BYTES = 262_144;

export interface ApiLintFinding {
  rule:
    | 'described'
    | 'bounded-string'
    | 'bounded-list'
    | 'bounded-map'
    | 'no-bool'
    | 'no-float'
    | 'no-union'
    | 'list-type'
    | 'default-object'
    | 'status-size'
    | 'one-line-rule';
  path: string;
  message: string;
}

interface LintInput {
  spec: StructuralSchema;
  status: StructuralSchema;
}

/**
 * Judges a kind's schema by the house rules of api.md: everything described and bounded, enums instead of booleans, no floats, no `oneOf`,
 * list types for server-side apply, and a largest possible status within MAX_STATUS_BYTES.
 */
export function lintApi({ spec, status }: LintInput): ApiLintFinding[] {
  const findings: ApiLintFinding[] = [];
  for (const [root, schema] of [['spec', spec] as const, ['status', status] as const]) {
    walkSchema(schema, (node, path) => findings.push(...lintNode(node, path === '' ? root : `${root}.${path}`)));
  }
  const size = largestBytes(status);
  if (size > MAX_STATUS_BYTES) {
    findings.push({
      rule: 'status-size',
      path: 'status',
      message: `may grow to ${size} bytes, at most ${MAX_STATUS_BYTES} are allowed`,
    });
  }
  return findings;
}

interface NodeRule {
  rule: ApiLintFinding['rule'];
  message: string;
  breaks(node: StructuralSchema, at: { path: string; isItem: boolean }): boolean;
}

/** The rules that look at one node. */
const NODE_RULES: NodeRule[] = [
  {
    rule: 'described',
    message: 'has no description',
    breaks: (node, { path, isItem }) => !node.description && !isItem && path.includes('.'),
  },
  {
    rule: 'no-union',
    message: 'is a union: use an enum, optional members and a CEL rule',
    breaks: (node) => node.oneOf !== undefined || node.anyOf !== undefined || node.allOf !== undefined,
  },
  { rule: 'no-bool', message: 'is a boolean: use an enum', breaks: (node) => node.type === 'boolean' },
  { rule: 'no-float', message: 'is a float: use a decimal string', breaks: (node) => node.type === 'number' },
  {
    rule: 'bounded-string',
    message: 'has no maxLength',
    breaks: (node) =>
      node.type === 'string' && node.maxLength === undefined && node.enum === undefined && node.format !== 'date-time',
  },
  {
    rule: 'bounded-list',
    message: 'has no maxItems',
    breaks: (node) => node.type === 'array' && node.maxItems === undefined,
  },
  {
    rule: 'list-type',
    message: 'has no x-kubernetes-list-type',
    breaks: (node) => node.type === 'array' && node['x-kubernetes-list-type'] === undefined,
  },
  {
    rule: 'bounded-map',
    message: 'has no maxProperties',
    breaks: (node) => typeof node.additionalProperties === 'object' && node.maxProperties === undefined,
  },
  {
    rule: 'default-object',
    message: 'has members with defaults, so it needs `default: {}`: else a second apply is a change',
    breaks: (node, { path, isItem }) =>
      path.startsWith('spec.') &&
      !isItem &&
      node.default === undefined &&
      Object.values(node.properties ?? {}).some((member) => member.default !== undefined),
  },
  {
    rule: 'one-line-rule',
    message: 'has a CEL rule with a line break',
    breaks: (node) => (node['x-kubernetes-validations'] ?? []).some(({ rule }) => rule.includes('\n')),
  },
];

function lintNode(node: StructuralSchema, path: string): ApiLintFinding[] {
  const at = { path, isItem: path.endsWith('[]') };
  return NODE_RULES.filter((candidate) => candidate.breaks(node, at)).map(({ rule, message }) => ({
    rule,
    path,
    message,
  }));
}

/** The most bytes of JSON that a value of this schema can take: 4 per character, 1 where its pattern admits ASCII only. */
export function largestBytes(node: StructuralSchema): number {
  switch (node.type) {
    case 'string':
      return largestString(node);
    case 'integer':
      return 17;
    case 'array':
      return 2 + (node.maxItems ?? Number.POSITIVE_INFINITY) * (largestBytes(node.items ?? {}) + 1);
    case 'object': {
      const members = Object.entries(node.properties ?? {}).map(
        ([name, member]) => name.length + 4 + largestBytes(member),
      );
      const extra =
        typeof node.additionalProperties === 'object'
          ? (node.maxProperties ?? Number.POSITIVE_INFINITY) * (largestBytes(node.additionalProperties) + 320)
          : 0;
      return 2 + members.reduce((sum, bytes) => sum + bytes, 0) + extra;
    }
    default:
      return Number.POSITIVE_INFINITY;
  }
}

function largestString(node: StructuralSchema): number {
  if (node.enum) return 2 + Math.max(...node.enum.map((value) => String(value).length));
  if (node.format === 'date-time') return 37;
  return (
    2 +
    (node.maxLength ?? Number.POSITIVE_INFINITY) * (node.pattern !== undefined && isAsciiPattern(node.pattern) ? 1 : 4)
  );
}

/** A pattern is taken as ASCII when it is anchored and every class and literal in it stays within ASCII. */
function isAsciiPattern(pattern: string): boolean {
  const anchored = pattern.startsWith('^') && pattern.endsWith('$');
  const open = /\[\^|(^|[^\\])\.(?![^[]*\])|\\[SDWP]/.test(pattern);
  return anchored && !open;
}
