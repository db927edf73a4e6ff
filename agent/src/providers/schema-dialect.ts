import type { JsonSchema } from './json-schema.ts';

/** Keywords that narrow a schema without changing its shape: an answer without them is still checked afterwards. */
export const NARROWING = ['pattern', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const;
export type NarrowingKeyword = (typeof NARROWING)[number];

/** The same schema without keywords that a model family would refuse. */
export function withoutKeywords(schema: JsonSchema, keywords: readonly NarrowingKeyword[]): JsonSchema {
  const { properties, items, anyOf, ...rest } = schema;
  const copy: JsonSchema = rest;
  for (const keyword of keywords) delete copy[keyword];
  if (properties) {
    copy.properties = Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, withoutKeywords(member, keywords)]),
    );
  }
  if (items) copy.items = withoutKeywords(items, keywords);
  if (anyOf) copy.anyOf = anyOf.map((member) => withoutKeywords(member, keywords));
  return copy;
}

/** Unions (`anyOf`) in a schema: some compilers of grammars count them. */
export function countUnions({ properties = {}, items, anyOf }: JsonSchema): number {
  const inner = [...Object.values(properties), ...(items ? [items] : []), ...(anyOf ?? [])];
  return (anyOf ? 1 : 0) + inner.reduce((sum, schema) => sum + countUnions(schema), 0);
}
