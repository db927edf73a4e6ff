import { kindSchema } from '../src/schema/crd.ts';
import { VALIDATIONS } from '../src/schema/fields.ts';
import { type StructuralSchema, walkSchema } from '../src/schema/json-schema.ts';
import type { KindDefinition } from '../src/v1alpha1/kind.ts';

/** The reference page of a kind: every field with its type, bounds, default and meaning, and every CEL rule. */
export function referencePage(kind: KindDefinition): string {
  const schema = kindSchema(kind);
  const rules: string[] = [];
  const rows: string[] = [];
  walkSchema(schema, (node, path) => {
    for (const rule of node[VALIDATIONS] ?? [])
      rules.push(
        `| \`${path === '' ? '(object)' : path}\` | ${escapeCell(rule.message ?? 'says which request is open, or who answered the last')} | \`${escapeCell(rule.rule)}\` |`,
      );
    if (path.startsWith('spec') || path.startsWith('status')) rows.push(fieldRow(node, path, isRequired(schema, path)));
  });
  return [
    `<!-- Generated from crds/src by \`npm run generate\`: do not edit. -->`,
    `# ${kind.kind}`,
    '',
    `${kind.description} Short name \`${kind.shortNames.join('`, `')}\`, category \`carnival\`.`,
    '',
    '## Columns',
    '',
    '| column | from | meaning |',
    '|---|---|---|',
    ...kind.columns.map(
      (column) =>
        `| ${column.name.toUpperCase()}${column.priority ? ' (wide)' : ''} | \`${escapeCell(column.jsonPath)}\` | ${column.description} |`,
    ),
    '',
    ...(kind.selectableFields.length > 0
      ? [`Field selectors: ${kind.selectableFields.map((field) => `\`${field.slice(1)}\``).join(', ')}.`, '']
      : []),
    '## Fields',
    '',
    '| field | type | bounds | default | meaning |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    '## Rules',
    '',
    'Checked by the API server on every write, in both engines.',
    '',
    '| on | what it asks | CEL |',
    '|---|---|---|',
    ...rules,
    '',
  ].join('\n');
}

function fieldRow(node: StructuralSchema, path: string, required: boolean): string {
  const fallback = node.default === undefined ? (required ? '(required)' : '') : `\`${JSON.stringify(node.default)}\``;
  return `| \`${path}\` | ${typeName(node)} | ${bounds(node)} | ${fallback} | ${escapeCell(node.description ?? '')} |`;
}

function typeName(node: StructuralSchema): string {
  if (node.enum) return 'enum';
  if (node.type === 'array') return `list of ${node.items?.type ?? 'any'}`;
  if (node.type === 'object' && node.additionalProperties) return 'map';
  return node.format === 'date-time' ? 'time' : (node.type ?? 'any');
}

function bounds(node: StructuralSchema): string {
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  const range = (low: number | undefined, high: number | undefined, unit: string) =>
    high === undefined ? [] : [`${low ?? 0} to ${high}${unit}`];
  const parts = [
    ...range(node.minLength, node.maxLength, ' characters'),
    ...range(node.minimum, node.maximum, ''),
    ...range(node.minItems, node.maxItems, ' items'),
    ...range(undefined, node.maxProperties, ' members'),
  ];
  if (node.pattern) parts.push(`\`${escapeCell(node.pattern)}\``);
  return parts.join('; ');
}

function isRequired(root: StructuralSchema, path: string): boolean {
  const names = path.split('.');
  const last = names.pop();
  let node: StructuralSchema | undefined = root;
  for (const name of names) {
    const bare = name.replace(/(\[\]|\{\})+$/, '');
    node = node?.properties?.[bare];
    for (const step of name.slice(bare.length).match(/\[\]|\{\}/g) ?? []) {
      node =
        step === '[]'
          ? node?.items
          : typeof node?.additionalProperties === 'object'
            ? node.additionalProperties
            : undefined;
    }
  }
  return last !== undefined && node?.required?.includes(last) === true;
}

const escapeCell = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
