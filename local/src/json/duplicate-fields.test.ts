import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duplicateFields } from './duplicate-fields.ts';

describe('the search for duplicate fields', () => {
  it.each([
    ['{"a":1,"a":2}', ['a']],
    ['{"spec":{"b":1,"c":{},"b":[1]}}', ['spec.b']],
    ['{"l":[{"x":1},{"x":1,"x":2}]}', ['l[1].x']],
    [' { "a" : { } , "b" : [ ] , "c" : [ [ ] , { "d" : 1 } ] , "c" : null } ', ['c']],
    ['{"a\\"b":1,"a\\"b":"}"}', ['a"b']],
    ['{"a":"\\\\","b":"{\\"a\\":1,\\"a\\":2}"}', []],
    ['{"\\u0061":1,"a":2}', ['a']],
    ['[]', []],
    ['"x"', []],
  ])('finds in %s: %j', (text, expected) => {
    expect(duplicateFields(text)).toEqual(expected);
  });

  it('finds none in what JSON.stringify writes, and always ends', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(duplicateFields(JSON.stringify(JSON.parse(text)))).toEqual([]);
        expect(duplicateFields(JSON.stringify(JSON.parse(text), undefined, 2))).toEqual([]);
      }),
    );
  });
});
