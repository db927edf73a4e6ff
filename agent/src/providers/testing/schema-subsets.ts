import type { JsonSchema } from '../json-schema.ts';

/*
 * Which JSON Schemas providers accept, as rules. Each says what is wrong with a schema, or nothing.
 * Sources: OpenAI "Structured model outputs" (supported schemas, limits); MoonshotAI/walle docs/walle.md and conf.go (MFJS);
 * Gemini "Structured outputs" (supported keywords); Anthropic "Structured outputs" (JSON Schema limitations); llama.cpp
 * json-schema-to-grammar, which Ollama uses.
 */
export interface Subset {
  keywords: readonly string[];
  maxDepth: number;
  maxProperties: number;
  maxEnumValues: number;
  maxSize: number;
  maxUnions?: number;
  /** Repetitions that a grammar takes. */
  maxRepetition?: number;
  /** Patterns must be anchored at both ends. */
  anchored?: true;
}

const SHAPE = [
  'type',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'anyOf',
] as const;
const ANY = Number.POSITIVE_INFINITY;

export const SUBSETS = {
  OpenAI: {
    keywords: [...SHAPE, 'pattern', 'minItems', 'maxItems'],
    maxDepth: 10,
    maxProperties: 5000,
    maxEnumValues: 1000,
    maxSize: 120_000,
  },
  Kimi: {
    keywords: [...SHAPE, 'pattern', 'minLength', 'maxLength', 'minItems', 'maxItems'],
    maxDepth: 30,
    maxProperties: 3000,
    maxEnumValues: 1000,
    maxSize: 120_000,
  },
  Gemini: {
    keywords: [...SHAPE, 'minItems', 'maxItems'],
    maxDepth: 10,
    maxProperties: ANY,
    maxEnumValues: ANY,
    maxSize: 120_000,
  },
  Anthropic: { keywords: SHAPE, maxDepth: ANY, maxProperties: ANY, maxEnumValues: ANY, maxSize: ANY, maxUnions: 16 },
  Ollama: {
    keywords: [...SHAPE, 'pattern', 'minLength', 'maxLength', 'minItems', 'maxItems'],
    maxDepth: ANY,
    maxProperties: ANY,
    maxEnumValues: ANY,
    maxSize: ANY,
    maxRepetition: 2000,
    anchored: true,
  },
} satisfies Record<string, Subset>;

/** Everything that a subset has against a schema. */
export function violations(schema: JsonSchema, subset: Subset): string[] {
  const nodes = nodesOf(schema, 'root', 1);
  const sum = (count: (node: JsonSchema) => number) => nodes.reduce((total, { node }) => total + count(node), 0);
  return [
    ...(schema.type === 'object' ? [] : ['the root is no object']),
    ...nodes.flatMap(({ node, path, depth }) => ofNode(node, path, depth, subset)),
    ...over(
      'properties',
      sum(({ properties = {} }) => Object.keys(properties).length),
      subset.maxProperties,
    ),
    ...over(
      'enum values',
      sum(({ enum: words = [] }) => words.length),
      subset.maxEnumValues,
    ),
    ...over(
      'unions',
      sum(({ anyOf }) => (anyOf ? 1 : 0)),
      subset.maxUnions ?? ANY,
    ),
    ...over('size', JSON.stringify(schema).length, subset.maxSize),
  ];
}

const over = (what: string, is: number, most: number): string[] =>
  is > most ? [`${what}: ${is}, at most ${most}`] : [];

function ofNode(node: JsonSchema, path: string, depth: number, subset: Subset): string[] {
  const { type, anyOf, properties, required = [], additionalProperties, pattern } = node;
  const bounds = [node.minLength, node.maxLength, node.minItems, node.maxItems].filter((bound) => bound !== undefined);
  return [
    ...Object.keys(node)
      .filter((keyword) => !subset.keywords.includes(keyword))
      .map((keyword) => `${path}: ${keyword} is not known`),
    ...over(`${path}: depth`, depth, subset.maxDepth),
    // Kimi: the type stands inside anyOf and not beside it, and is never left out.
    ...(anyOf ? (type ? [`${path}: type beside anyOf`] : []) : type ? [] : [`${path}: no type`]),
    ...(anyOf && (anyOf.length < 1 || anyOf.length > 10) ? [`${path}: anyOf of ${anyOf.length}`] : []),
    ...(properties && additionalProperties !== false ? [`${path}: additionalProperties is not false`] : []),
    ...(properties && required.join() !== Object.keys(properties).join()
      ? [`${path}: not every property is required`]
      : []),
    ...(subset.anchored && pattern !== undefined && !/^\^.*\$$/.test(pattern)
      ? [`${path}: the pattern is not anchored`]
      : []),
    ...bounds.flatMap((bound) => over(`${path}: repetition`, bound, subset.maxRepetition ?? ANY)),
  ];
}

function nodesOf(node: JsonSchema, path: string, depth: number): { node: JsonSchema; path: string; depth: number }[] {
  return [
    { node, path, depth },
    ...Object.entries(node.properties ?? {}).flatMap(([name, inner]) => nodesOf(inner, `${path}.${name}`, depth + 1)),
    ...(node.items ? nodesOf(node.items, `${path}[]`, depth + 1) : []),
    ...(node.anyOf ?? []).flatMap((inner, index) => nodesOf(inner, `${path}|${index}`, depth)),
  ];
}
