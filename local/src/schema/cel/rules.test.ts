import { describe, expect, it } from 'vitest';
import { CrdInvalidError, compileSchema, type JsonObject, type JsonValue } from '../index.ts';

/** A CRD whose spec has one property `x` of the given schema; rules lie on it or on spec. */
function schemaOf(x: JsonObject, specRules: JsonObject[] = []) {
  const spec: JsonObject = {
    type: 'object',
    properties: { x },
    ...(specRules.length > 0 ? { 'x-kubernetes-validations': specRules } : {}),
  };
  return compileSchema(
    { spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }] } },
    'v1',
  );
}
const object = (x?: JsonValue): JsonObject => ({
  kind: 'K',
  apiVersion: 'g/v1',
  metadata: { name: 'n' },
  spec: x === undefined ? {} : { x },
});
const rule = (text: string, more: JsonObject = {}): JsonObject => ({
  'x-kubernetes-validations': [{ rule: text, ...more }],
});

function said(x: JsonObject, value: JsonValue | undefined, old?: JsonValue) {
  return schemaOf(x)
    .validate(object(value), old === undefined ? undefined : object(old))
    .map((error) => `${error.field} ${error.message}`);
}

describe('rules', () => {
  it.each<[string, JsonObject, JsonValue, JsonValue]>([
    ['integers as int', { type: 'integer', ...rule('self % 2 == 0 && self / 3 >= 1') }, 4, 5],
    ['numbers as double', { type: 'number', ...rule('self < 1.5') }, 1, 2],
    ['size of strings in code points', { type: 'string', ...rule('size(self) == 1') }, '😀', 'ab'],
    ['size of bytes', { type: 'string', ...rule('size(bytes(self)) <= 3') }, 'aé', 'éé'],
    ['double() of decimal strings', { type: 'string', ...rule("double(self) >= double('1.25')") }, '1.3', '1.2'],
    [
      'string functions',
      { type: 'string', ...rule("self.startsWith('a') && self.endsWith('z') && self.contains('m')") },
      'amz',
      'az',
    ],
    ['matches, unanchored', { type: 'string', ...rule("self.matches('[0-9]{2}')") }, 'a12', 'a1b2'],
    ['in for lists', { type: 'array', items: { type: 'string' }, ...rule("'a' in self") }, ['b', 'a'], ['b']],
    [
      'in and index for maps',
      { type: 'object', additionalProperties: { type: 'integer' }, ...rule("'a' in self && self['a'] == 1") },
      { a: 1 },
      { b: 1 },
    ],
    ['all', { type: 'array', items: { type: 'integer' }, ...rule('self.all(i, i > 0)') }, [1, 2], [1, 0]],
    ['exists', { type: 'array', items: { type: 'integer' }, ...rule('self.exists(i, i > 1)') }, [1, 2], [1]],
    ['exists_one', { type: 'array', items: { type: 'integer' }, ...rule('self.exists_one(i, i > 1)') }, [1, 2], [2, 3]],
    [
      'map and filter',
      { type: 'array', items: { type: 'integer' }, ...rule('size(self.filter(i, i > 1).map(i, i * 2)) == 1') },
      [1, 2],
      [2, 3],
    ],
    [
      'int-or-string at run time',
      { 'x-kubernetes-int-or-string': true, ...rule("type(self) == string ? self == '5%' : self == 5") },
      '5%',
      6,
    ],
    [
      'timestamps',
      { type: 'string', format: 'date-time', ...rule("self > timestamp('2026-01-01T00:00:00Z')") },
      '2026-01-02T00:00:00Z',
      '2025-01-02T00:00:00Z',
    ],
    [
      'objects compared whole',
      {
        type: 'object',
        properties: {
          a: { type: 'object', properties: { z: { type: 'integer' } } },
          b: { type: 'object', properties: { z: { type: 'integer' } } },
        },
        ...rule('has(self.a) && self.a == self.a'),
      },
      { a: { z: 1 } },
      {},
    ],
    [
      'names that CEL keeps for itself',
      {
        type: 'object',
        properties: { namespace: { type: 'string' }, 'a-b': { type: 'integer' } },
        ...rule("self.__namespace__ == 'x' && self.a__dash__b == 1"),
      },
      { namespace: 'x', 'a-b': 1 },
      { namespace: 'y', 'a-b': 1 },
    ],
  ])('read %s', (_what, schema, accepted, refused) => {
    expect(said(schema, accepted)).toEqual([]);
    expect(said(schema, refused)).toHaveLength(1);
  });

  it('are not run where the field is absent', () => {
    expect(said({ type: 'string', ...rule("self == 'a'") }, undefined)).toEqual([]);
  });

  it('say message, failed rule or messageExpression, under their reason and field', () => {
    const with_ = (more: JsonObject, value: JsonValue) =>
      schemaOf({ type: 'object', properties: { a: { type: 'string' } }, ...rule("self.a != 'bad'", more) }).validate(
        object(value),
        undefined,
      )[0];
    const bad = { a: 'bad' };
    expect(with_({}, bad)).toEqual({
      type: 'FieldValueInvalid',
      field: 'spec.x',
      message: 'Invalid value: "object": failed rule: self.a != \'bad\'',
    });
    expect(with_({ message: 'no ', fieldPath: '.a' }, bad)).toEqual({
      type: 'FieldValueInvalid',
      field: 'spec.x.a',
      message: 'Invalid value: "object": no',
    });
    expect(with_({ messageExpression: "'a is ' + self.a" }, bad)?.message).toBe('Invalid value: "object": a is bad');
    expect(with_({ messageExpression: "''", message: 'own' }, bad)?.message).toBe('Invalid value: "object": own');
    expect(
      with_({ messageExpression: 'self.a.startsWith("b") ? self.a : "c"', reason: 'FieldValueForbidden' }, bad),
    ).toMatchObject({ type: 'FieldValueForbidden', message: 'Forbidden: bad' });
    expect(with_({ message: 'm', reason: 'FieldValueRequired' }, bad)).toMatchObject({
      type: 'FieldValueRequired',
      message: 'Required value: m',
    });
    expect(with_({ reason: 'FieldValueDuplicate' }, bad)).toMatchObject({
      type: 'FieldValueDuplicate',
      message: 'Duplicate value: "object"',
    });
  });

  it('that fail while running say how', () => {
    expect(said({ type: 'integer', ...rule('10 / self > 0', { message: 'ten over self' }) }, 0)).toEqual([
      'spec.x Invalid value: "integer": division by zero evaluating rule: ten over self',
    ]);
    expect(said({ type: 'array', items: { type: 'string' }, ...rule("self[1] == 'a'") }, ['a'])).toEqual([
      'spec.x Invalid value: "array": index out of bounds: 1 evaluating rule: self[1] == \'a\'',
    ]);
    expect(said({ type: 'object', properties: { a: { type: 'string' } }, ...rule("self.a == 'a'") }, {})).toEqual([
      'spec.x Invalid value: "object": no such key: a evaluating rule: self.a == \'a\'',
    ]);
  });

  it('at the root see kind, apiVersion, metadata.name, spec and status, and are reported on the object', () => {
    const root = {
      type: 'object',
      properties: { spec: { type: 'object' } },
      ...rule("self.kind == 'K' && self.apiVersion == 'g/v1' && size(self.metadata.name) <= 2"),
    };
    const schema = compileSchema({ spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: root } }] } }, 'v1');
    expect(schema.validate(object(), undefined)).toEqual([]);
    expect(schema.validate({ ...object(), metadata: { name: 'long' } }, undefined)[0]?.field).toBe('<nil>');
  });

  it('are not run where the schema blocks: the answer says so', () => {
    const schema = schemaOf({ type: 'string' }, [{ rule: "self.x == 'a'" }]);
    expect(schema.validate(object(5), undefined).map((error) => error.message)).toEqual([
      'Invalid value: "integer": spec.x in body must be of type string: "integer"',
      'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  it('that refuse what an update left as it was are forgiven, transition rules never', () => {
    expect(said({ type: 'string', ...rule("self != 'bad'") }, 'bad', 'bad')).toEqual([]);
    expect(said({ type: 'string', ...rule("self != 'bad'") }, 'bad', 'good')).toHaveLength(1);
    expect(said({ type: 'integer', ...rule('self > oldSelf') }, 1, 1)).toHaveLength(1);
  });
});

describe('transition rules', () => {
  it('are skipped at creation and where the old value is missing', () => {
    const schema: JsonObject = { type: 'integer', ...rule('self >= oldSelf') };
    expect(said(schema, 1)).toEqual([]);
    expect(schemaOf(schema).validate(object(1), object())).toEqual([]);
    expect(said(schema, 1, 2)).toHaveLength(1);
  });

  it('relate the items of list-maps and the members of maps by their keys', () => {
    const item: JsonObject = {
      type: 'object',
      required: ['k'],
      properties: { k: { type: 'string' }, v: { type: 'string' } },
      ...rule('self.v == oldSelf.v', { message: 'fixed' }),
    };
    const list: JsonObject = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: item,
    };
    expect(
      said(
        list,
        [
          { k: 'b', v: '9' },
          { k: 'a', v: '2' },
        ],
        [{ k: 'a', v: '1' }],
      ),
    ).toEqual(['spec.x[1] Invalid value: "object": fixed']);
    const map: JsonObject = {
      type: 'object',
      additionalProperties: { type: 'integer', ...rule('self >= oldSelf', { message: 'grows' }) },
    };
    expect(said(map, { a: 1, b: 1 }, { a: 2 })).toEqual(['spec.x[a] Invalid value: "integer": grows']);
  });

  it('under an atomic list are refused with the CRD', () => {
    const list: JsonObject = { type: 'array', items: { type: 'string', ...rule('self == oldSelf') } };
    expect(() => schemaOf(list)).toThrow(
      /oldSelf cannot be used on the uncorrelatable portion of the schema within spec\.validation\.openAPIV3Schema/,
    );
  });
});

describe('rules that do not compile', () => {
  const mistake = (text: string, more: JsonObject = {}): string => {
    try {
      schemaOf({ type: 'object', properties: { n: { type: 'integer' }, s: { type: 'string' } }, ...rule(text, more) });
    } catch (error) {
      if (error instanceof CrdInvalidError)
        return error.errors[0]?.message.replace(/^.*?null,"FieldPath":"","OptionalOldSelf":null\}: /, '') ?? '';
      throw error;
    }
    return 'compiled';
  };
  it.each([
    [
      'an unknown field',
      'self.nope == 1',
      "compilation failed: ERROR: <input>:1:5: undefined field 'nope'\n | self.nope == 1\n | ....^",
    ],
    [
      'an unknown field under has()',
      'has(self.nope)',
      "compilation failed: ERROR: <input>:1:4: undefined field 'nope'\n | has(self.nope)\n | ...^",
    ],
    [
      'types that do not meet',
      "self.n == 'a'",
      "compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(int, string)'\n | self.n == 'a'\n | .......^",
    ],
    [
      'an unknown variable',
      'slf.n == 1',
      "compilation failed: ERROR: <input>:1:1: undeclared reference to 'slf' (in container '')\n | slf.n == 1\n | ^",
    ],
    [
      'a function that nobody has',
      'self.s.frob() == 1',
      "compilation failed: ERROR: <input>:1:12: undeclared reference to 'frob' (in container '')\n | self.s.frob() == 1\n | ...........^",
    ],
    [
      'a function outside of the allow-list',
      "self.s.lowerAscii() == 'a'",
      "compilation failed: ERROR: <input>:1:18: undeclared reference to 'lowerAscii' (in container '')\n | self.s.lowerAscii() == 'a'\n | .................^",
    ],
    [
      'a list of several types, past characters of more than a byte',
      "self.s in ['äö€', 1, '\u{1F3AA}']",
      "compilation failed: ERROR: <input>:1:19: expected type 'string' but found 'int'\n | self.s in ['äö€', 1, '\u{1F3AA}']\n | ............．．．...^",
    ],
    ['a rule of which only running tells what it gives', 'dyn(true)', 'cel expression must evaluate to a bool'],
    ['a rule that is no bool', '1', 'cel expression must evaluate to a bool'],
  ])('name %s', (_what, text, expected) => {
    expect(mistake(text)).toBe(expected);
  });
  it('refuse a message that is no string, a field path that leads nowhere, optional chaining', () => {
    expect(() => schemaOf({ type: 'object', ...rule('true', { messageExpression: '1' }) })).toThrow(
      'messageExpression must evaluate to a string',
    );
    expect(() => schemaOf({ type: 'object', ...rule('true', { fieldPath: '.q' }) })).toThrow('must be a valid path');
    expect(() =>
      schemaOf({ type: 'object', properties: { a: { type: 'string' } }, ...rule('self.?a.hasValue()') }),
    ).toThrow('Syntax error');
  });
});
