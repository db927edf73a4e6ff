import { unsafePathReason } from '@dark-carnival/crds';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../providers/families.ts';
import type { JsonSchema } from '../providers/json-schema.ts';
import { countUnions, withoutKeywords } from '../providers/schema-dialect.ts';
import { SUBSETS, violations } from '../providers/testing/schema-subsets.ts';
import { criticSchemaFor } from './critic-schema.ts';
import { planSchemaFor } from './plan-schema.ts';

/** Every schema within a schema, itself included. */
function nodesOf(schema: JsonSchema): JsonSchema[] {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
    ...(schema.anyOf ?? []),
  ];
  return [schema, ...inner.flatMap(nodesOf)];
}

const slotsOf = (schema: JsonSchema): [string, JsonSchema][] =>
  Object.entries(schema.properties?.['tasks']?.properties ?? {});
/** The object of a slot, whether it may be null or not. */
const taskOf = (slot: JsonSchema): JsonSchema => slot.anyOf?.[0] ?? slot;

const sizes = [
  { maxTasks: 1, maxTokens: 64 },
  { maxTasks: 2, maxTokens: 200 },
  { maxTasks: 20, maxTokens: 4096 },
  { maxTasks: 50, maxTokens: 16_000 },
  { maxTasks: 2, maxTokens: 700, objections: ['o1', 'o2', 'o3'] },
  { maxTasks: 20, maxTokens: 4096, objections: ['o1', 'o2', 'o3', 'o4', 'o5', 'o6', 'o7', 'o8'] },
];

describe.each(sizes)('the schema for $maxTasks tasks in $maxTokens tokens', (options) => {
  const schema = planSchemaFor(options);

  it('holds to what strict modes accept: every member required, nothing else allowed, no keyword beyond the common ones', () => {
    const known = [
      'type',
      'description',
      'properties',
      'required',
      'additionalProperties',
      'items',
      'maxItems',
      'enum',
      'anyOf',
      'pattern',
      'minLength',
      'maxLength',
    ];
    for (const node of nodesOf(schema)) {
      for (const keyword of Object.keys(node)) expect(known).toContain(keyword);
      if (node.type !== 'object') continue;
      expect(node.required).toEqual(Object.keys(node.properties ?? {}));
      expect(node.additionalProperties).toBe(false);
    }
    expect(schema.type).toBe('object');
  });

  it('stays within the limits of OpenAI and Kimi: enum values, properties, size', () => {
    const nodes = nodesOf(schema);
    expect(nodes.reduce((sum, { enum: words = [] }) => sum + words.length, 0)).toBeLessThanOrEqual(1000);
    expect(nodes.reduce((sum, { properties = {} }) => sum + Object.keys(properties).length, 0)).toBeLessThanOrEqual(
      3000,
    );
    expect(JSON.stringify(schema).length).toBeLessThan(120_000);
  });

  it('has one slot per id, of which only the first must be filled, and no more than allowed', () => {
    const slots = slotsOf(schema);
    expect(slots.length).toBeLessThanOrEqual(options.maxTasks);
    expect(slots.map(([id]) => id)).toEqual(slots.map((_, index) => `t${index + 1}`));
    for (const [index, [, slot]] of slots.entries())
      expect(slot.anyOf?.some(({ type }) => type === 'null') ?? false).toBe(index > 0);
  });

  it('lets a task depend on earlier ones only', () => {
    for (const [index, [, slot]] of slotsOf(schema).entries()) {
      const earlier = Array.from({ length: index }, (_, before) => `t${before + 1}`);
      expect(taskOf(slot).properties?.['dependsOn']?.items?.enum ?? []).toEqual(earlier);
    }
  });

  it('allows no path that is unsafe, but for names that a check after it knows', () => {
    const pattern = taskOf(slotsOf(schema)[0]?.[1] ?? {}).properties?.['path']?.pattern ?? '';
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(pattern)), (path) => {
        const reason = unsafePathReason(path);
        expect(reason === undefined || /has the segment (con|prn|aux|nul|com\d|lpt\d)\b/.test(reason)).toBe(true);
      }),
      { numRuns: 300 },
    );
    for (const bad of ['../x.md', '/etc/x.md', 'a/../b.md', '.hidden.md', 'a\\b.md', 'a b.md', 'x'])
      expect(new RegExp(pattern).test(bad)).toBe(false);
  });
});

describe('answers to objections', () => {
  const EIGHT = Array.from({ length: 8 }, (_, index) => `o${index + 1}`);
  const answersIn = (maxTasks: number, maxTokens: number, objections = EIGHT) =>
    Object.entries(planSchemaFor({ maxTasks, maxTokens, objections }).properties?.['answers']?.properties ?? {});

  it('have one slot per objection where there is room, before the tasks', () => {
    expect(answersIn(20, 4096).map(([id]) => id)).toEqual(EIGHT);
    expect(Object.keys(planSchemaFor({ maxTasks: 2, maxTokens: 4096, objections: ['o1'] }).properties ?? {})).toEqual([
      'answers',
      'summary',
      'tasks',
    ]);
  });

  it('leave the plan of a short answer as it is', () => {
    for (const [maxTasks, maxTokens] of [
      [2, 240],
      [1, 64],
      [20, 700],
    ] as const)
      expect(planSchemaFor({ maxTasks, maxTokens, objections: EIGHT })).toEqual(planSchemaFor({ maxTasks, maxTokens }));
  });

  it('go to the gravest first where there is room for some', () => {
    const ids = answersIn(2, 700).map(([id]) => id);
    expect(ids.length).toBeGreaterThan(2);
    expect(ids.length).toBeLessThan(8);
    expect(ids).toEqual(EIGHT.slice(0, ids.length));
  });

  it('together with the plan end within the tokens, reckoned at 2.5 characters a token', () => {
    for (const maxTokens of [400, 700, 1200, 2400, 4096, 16_000]) {
      const schema = planSchemaFor({ maxTasks: 2, maxTokens, objections: EIGHT });
      const texts = nodesOf(schema).filter(({ maxLength }) => maxLength !== undefined);
      const words = texts.reduce((sum, { maxLength = 0 }) => sum + maxLength, 0) / 2.5;
      const answers = answersIn(2, maxTokens).length;
      if (maxTokens < 1200) expect(words + 28 + 2 * 72 + answers * 32).toBeLessThanOrEqual(maxTokens * 1.02);
      expect(answers * 44).toBeLessThanOrEqual(maxTokens / 3);
    }
  });
});

describe('the legality of the schemas', () => {
  const schemas = {
    'a plan with answers': planSchemaFor({
      maxTasks: 8,
      maxTokens: 4096,
      objections: ['o1', 'o2', 'o3', 'o4', 'o5', 'o6'],
    }),
    'a short critique': criticSchemaFor({ maxTokens: 64 }),
    'a critique': criticSchemaFor({ maxTokens: 4096 }),
  };
  const dialects = Object.entries(SUBSETS).flatMap(([name, subset]) =>
    Object.entries(schemas).map(([what, schema]) => ({ name, subset, what, schema })),
  );

  it.each(dialects)('holds for $what as it is sent to $name', ({ name, subset, schema }) => {
    const family = FAMILIES[name as keyof typeof SUBSETS];
    const { maxUnions = Number.POSITIVE_INFINITY } = family;
    const sent = withoutKeywords(schema, family.refusesKeywords);
    const rules = countUnions(sent) > maxUnions ? { ...subset, maxUnions: Number.POSITIVE_INFINITY } : subset;
    expect(violations(sent, rules)).toEqual([]);
  });
});

describe('the room of a critique', () => {
  const roomOf = (maxTokens: number) => {
    const list = criticSchemaFor({ maxTokens }).properties?.['objections'];
    const members = list?.items?.properties ?? {};
    return { count: list?.maxItems, members: Object.keys(members), claim: members['claim']?.maxLength ?? 0 };
  };

  it('is one short claim where tokens are few, and six with evidence where there are many', () => {
    expect(roomOf(64)).toEqual({ count: 1, members: ['severity', 'claim'], claim: 24 });
    expect(roomOf(4096)).toEqual({ count: 6, members: ['severity', 'claim', 'evidence'], claim: 256 });
  });

  it('ends within its tokens', () => {
    for (const maxTokens of [96, 128, 256, 512, 1024]) {
      const { count = 0, members, claim } = roomOf(maxTokens);
      const texts = (members.length - 1) * claim;
      expect(24 + count * (34 + texts / 2.5)).toBeLessThanOrEqual(maxTokens + 6);
    }
  });
});

describe('the room of a plan', () => {
  const room = (maxTasks: number, maxTokens: number) => {
    const schema = planSchemaFor({ maxTasks, maxTokens });
    const longest = (node: JsonSchema | undefined) => node?.maxLength ?? 0;
    const texts = slotsOf(schema).map(
      ([, slot]) => longest(taskOf(slot).properties?.['title']) + longest(taskOf(slot).properties?.['instruction']),
    );
    return {
      slots: texts.length,
      characters: longest(schema.properties?.['summary']) + texts.reduce((sum, length) => sum + length, 0),
    };
  };

  it('keeps the texts of a short answer short enough to end', () => {
    const { slots, characters } = room(2, 200);
    expect(slots).toBe(2);
    expect(characters).toBeLessThan((200 - 2 * 72) * 3);
  });

  it('offers fewer tasks where so few tokens hold no more', () => {
    expect(room(20, 200).slots).toBe(2);
    expect(room(20, 64).slots).toBe(1);
  });

  it('asks for an acceptance check only where there is room to think of one', () => {
    const offers = (maxTasks: number, maxTokens: number) =>
      nodesOf(planSchemaFor({ maxTasks, maxTokens })).some((node) => node.properties?.['mustContain'] !== undefined);
    expect(offers(2, 200)).toBe(false);
    expect(offers(20, 4096)).toBe(true);
  });
});
