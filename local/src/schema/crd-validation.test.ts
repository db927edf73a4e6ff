import { describe, expect, it } from 'vitest';
import { defaultCrd, type JsonObject, validateCrd } from './index.ts';

/** A sound CRD, to be broken in one place; every message was read from kube-apiserver 1.34.4. */
interface Crd extends JsonObject {
  metadata: { name: string };
  spec: JsonObject & { names: JsonObject; versions: (JsonObject & { schema?: { openAPIV3Schema: JsonObject } })[] };
}
function aCrd(spec: JsonObject = { type: 'object', properties: { n: { type: 'integer', maximum: 5 } } }): Crd {
  return {
    metadata: { name: 'things.test.dev' },
    spec: {
      group: 'test.dev',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        },
      ],
    },
  };
}
function errorsOf(crd: Crd): string[] {
  defaultCrd(crd);
  return validateCrd(crd).map((error) => `${error.field}: ${error.message}`);
}
const AT = 'spec.validation.openAPIV3Schema.properties[spec]';

describe('a CRD', () => {
  it('that is sound is accepted, with the names that follow from its kind', () => {
    const crd = aCrd();
    expect(errorsOf(crd)).toEqual([]);
    expect(crd.spec.names).toMatchObject({ singular: 'thing', listKind: 'ThingList' });
    expect(crd.spec['conversion']).toEqual({ strategy: 'None' });
  });

  it.each<[string, (crd: Crd) => void, string[]]>([
    [
      'a wrong name',
      (crd) => Object.assign(crd.metadata, { name: 'x' }),
      ['metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group'],
    ],
    [
      'an unknown scope',
      (crd) => Object.assign(crd.spec, { scope: 'X' }),
      ['spec.scope: Unsupported value: "X": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'no schema',
      (crd) => delete crd.spec.versions[0]?.schema,
      ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
    [
      'no kind',
      (crd) => delete crd.spec.names['kind'],
      ['spec.names.singular: Required value', 'spec.names.kind: Required value', 'spec.names.listKind: Required value'],
    ],
    [
      'a column of no type',
      (crd) =>
        Object.assign(crd.spec.versions[0] ?? {}, {
          additionalPrinterColumns: [{ name: 'A', type: 'foo', jsonPath: '.x' }],
        }),
      [
        'spec.additionalPrinterColumns[0].type: Invalid value: "foo": must be one of boolean,date,integer,number,string',
      ],
    ],
    [
      'a selectable field that is none',
      (crd) => Object.assign(crd.spec.versions[0] ?? {}, { selectableFields: [{ jsonPath: '.spec.nope' }] }),
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec.nope": is an invalid path: does not refer to a valid field',
      ],
    ],
  ])('with %s is refused', (_what, spoil, expected) => {
    const crd = aCrd();
    spoil(crd);
    expect(errorsOf(crd)).toEqual(expected);
  });

  it('with no storage version is refused', () => {
    const crd = aCrd();
    Object.assign(crd.spec.versions[0] ?? {}, { storage: false });
    expect(errorsOf(crd)[0]).toMatch(/must have exactly one version marked as storage version$/);
  });

  it.each<[string, JsonObject, string]>([
    [
      'a field without a type',
      { type: 'object', properties: { a: {} } },
      `${AT}.properties[a].type: Required value: must not be empty for specified object fields`,
    ],
    [
      'an unknown type',
      { type: 'object', properties: { a: { type: 'strin' } } },
      `${AT}.properties[a].type: Unsupported value: "strin": supported values: "array", "boolean", "integer", "number", "object", "string"`,
    ],
    [
      'a list of nothing',
      { type: 'object', properties: { a: { type: 'array' } } },
      `${AT}.properties[a].items: Required value: must be specified`,
    ],
    [
      'uniqueItems',
      { type: 'object', properties: { a: { type: 'array', uniqueItems: true, items: { type: 'string' } } } },
      `${AT}.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
    [
      'a map with named members',
      { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } },
      `${AT}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
    ],
    ['a reference', { type: 'object', $ref: '#/x' }, `${AT}.$ref: Forbidden: $ref is not supported`],
    [
      'types below a junctor',
      { type: 'object', oneOf: [{ type: 'object' }] },
      `${AT}.oneOf[0].type: Forbidden: must be empty to be structural`,
    ],
    [
      'a pattern that RE2 refuses',
      { type: 'string', pattern: '(?=a)' },
      `${AT}.pattern: Invalid value: "(?=a)": must be a valid regular expression, but isn't: error parsing regexp: invalid or unsupported Perl syntax: \`(?=\``,
    ],
    [
      'a default that the schema refuses',
      { type: 'object', properties: { n: { type: 'integer', maximum: 5, default: 9 } } },
      `${AT}.properties[n].default: Invalid value: 9:  in body should be less than or equal to 5`,
    ],
    [
      'an unknown reason',
      { type: 'object', 'x-kubernetes-validations': [{ rule: 'true', reason: 'Q' }] },
      `${AT}.x-kubernetes-validations[0].reason: Unsupported value: "Q": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
    ],
    [
      'a rule of two lines without a message',
      { type: 'object', 'x-kubernetes-validations': [{ rule: 'true ||\nfalse' }] },
      `${AT}.x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks`,
    ],
  ])('whose schema has %s is refused', (_what, spec, expected) => {
    expect(errorsOf(aCrd(spec))).toEqual([expected]);
  });

  it('whose list-map keys may be absent is refused', () => {
    const list = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', properties: { k: { type: 'string' } } },
    };
    expect(errorsOf(aCrd({ type: 'object', properties: { list } }))).toEqual([
      `${AT}.properties[list].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ]);
  });
});

describe('the rules of a CRD', () => {
  const dear = (message: string) =>
    `Forbidden: ${message} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
  const ruled = (schema: JsonObject, ...rules: JsonObject[]): JsonObject => ({
    type: 'object',
    properties: { x: schema },
    'x-kubernetes-validations': rules,
  });
  const strings = { type: 'array', items: { type: 'string' } };
  const rule = "self.x.all(s, s.contains('a'))";

  it('that could cost too much are refused, each for itself', () => {
    expect(
      errorsOf(aCrd(ruled(strings, { rule }, { rule: 'size(self.x) < 9', messageExpression: `${rule} ? 'a' : 'b'` }))),
    ).toEqual([
      `${AT}.x-kubernetes-validations[0].rule: ${dear('estimated rule cost exceeds budget by factor of more than 100x')}`,
      `${AT}.x-kubernetes-validations[1].messageExpression: ${dear('estimated messageExpression cost exceeds budget by factor of more than 100x')}`,
      `${AT}.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `${AT}.x-kubernetes-validations[1].messageExpression: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `spec.validation.openAPIV3Schema: ${dear('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x')}`,
    ]);
  });

  it('are cheap enough where lists and strings have limits', () => {
    const bounded = { type: 'array', maxItems: 100, items: { type: 'string', maxLength: 100 } };
    expect(errorsOf(aCrd(ruled(bounded, { rule })))).toEqual([]);
  });

  it('that were there before an update are not refused one by one, but where their schema changes', () => {
    const pairs = (maxItems: number) =>
      aCrd(
        ruled(
          { type: 'array', maxItems, items: { type: 'integer' } },
          { rule: 'self.x.all(a, self.x.exists(b, a == b))' },
        ),
      );
    const stored = pairs(2000);
    expect(errorsOf(stored)).toHaveLength(1);
    expect(validateCrd(stored, structuredClone(stored))).toEqual([]);
    expect(errorsOf(pairs(1999))).toHaveLength(1);
    expect(validateCrd(pairs(1999), stored)).not.toEqual([]);
  });

  it('are compiled only where all below them are well-formed', () => {
    const child = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1', reason: 'Silly' }] };
    expect(errorsOf(aCrd(ruled(child, { rule: 'self.nope', fieldPath: ' ', messageExpression: ' ' })))).toEqual([
      `${AT}.properties[x].x-kubernetes-validations[0].reason: Unsupported value: "Silly": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
      `${AT}.x-kubernetes-validations[0].messageExpression: Required value: messageExpression must be non-empty if specified`,
      `${AT}.x-kubernetes-validations[0].fieldPath: Invalid value: " ": must be non-empty if specified`,
      `${AT}.x-kubernetes-validations[0].fieldPath: Invalid value: " ": must be a valid path`,
    ]);
  });

  it('may not ask for an optional oldSelf that they do not read, or that is not served here', () => {
    const optional = (text: string) =>
      errorsOf(aCrd(ruled({ type: 'integer' }, { rule: text, optionalOldSelf: true })));
    expect(optional('self.x > 1')[0]).toMatch('may not be set if oldSelf is not used in rule');
    expect(optional('self.x > oldSelf.x')[0]).toMatch('is not served by the local engine');
  });
});
