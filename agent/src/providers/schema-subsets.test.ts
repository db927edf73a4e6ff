import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { planSchemaFor } from '../debate/plan-schema.ts';
import { FAMILIES } from './families.ts';
import type { JsonSchema } from './json-schema.ts';
import { countUnions, withoutKeywords } from './schema-dialect.ts';
import { SUBSETS, violations } from './testing/schema-subsets.ts';

const SIZES = [
  { maxTasks: 1, maxTokens: 64 },
  { maxTasks: 2, maxTokens: 240 },
  { maxTasks: 8, maxTokens: 4096 },
  { maxTasks: 20, maxTokens: 4096 },
  { maxTasks: 50, maxTokens: 16_000 },
];
/** Types whose schemas are checked against whose rules. */
const RULES = {
  OpenAI: 'OpenAI',
  AzureOpenAI: 'OpenAI',
  Kimi: 'Kimi',
  Gemini: 'Gemini',
  Anthropic: 'Anthropic',
  Ollama: 'Ollama',
} as const;

/** Walle, Moonshot's own validator, where somebody built it. */
function findWalle(): string | undefined {
  const path = process.env['WALLE_BIN'] ?? 'walle';
  try {
    execFileSync(path, ['-v'], { stdio: 'ignore' });
    return path;
  } catch {
    return undefined;
  }
}
const walle = findWalle();

describe.each(SIZES)('the plan for $maxTasks tasks in $maxTokens tokens', (size) => {
  const plan = planSchemaFor(size);

  it.each(Object.entries(RULES))('is legal as it is sent to %s', (type, rules) => {
    const family = FAMILIES[type as keyof typeof RULES];
    const sent = withoutKeywords(plan, family.refusesKeywords);
    const { maxUnions = Number.POSITIVE_INFINITY } = family;
    // With more unions than that, the ladder begins at the tool, whose schema is not compiled.
    const subset =
      countUnions(sent) > maxUnions ? { ...SUBSETS[rules], maxUnions: Number.POSITIVE_INFINITY } : SUBSETS[rules];
    expect(violations(sent, subset)).toEqual([]);
  });

  it.skipIf(!walle)("is legal by Moonshot's own validator, at its strictest", () => {
    const check = (schema: JsonSchema) =>
      execFileSync(walle ?? '', ['-level', 'ultra'], { input: JSON.stringify(schema), encoding: 'utf8' });
    expect(check(plan)).toContain('successful');
  });
});

describe('the rules', () => {
  const strict = { type: 'object', properties: {}, required: [], additionalProperties: false } as const;
  it.each([
    ['a property that is not required', { ...strict, properties: { a: { type: 'string' } } }, /not every property/],
    ['an open object', { type: 'object', properties: {}, required: [] }, /additionalProperties/],
    ['a keyword of another dialect', { ...strict, format: 'x' }, /format is not known/],
    ['a node without a type', { ...strict, properties: { a: {} }, required: ['a'] }, /no type/],
    [
      'a type beside anyOf',
      { ...strict, properties: { a: { type: 'string', anyOf: [{ type: 'null' }] } }, required: ['a'] },
      /type beside anyOf/,
    ],
    ['a list at the root', { type: 'array', items: { type: 'string' } }, /root is no object/],
  ])('refuse %s', (_what, schema, message) => {
    expect(violations(schema as JsonSchema, SUBSETS.OpenAI).join()).toMatch(message);
  });

  it.skipIf(walle)(
    "is not asked of Moonshot's own validator: set WALLE_BIN to a build of MoonshotAI/walle",
    ({ skip }) => skip('no walle'),
  );
});
