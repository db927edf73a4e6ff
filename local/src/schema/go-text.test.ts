import { describe, expect, it } from 'vitest';
import { codePoints, goJson, goQuote } from './go-text.ts';

describe('text as Go prints it', () => {
  it('quotes control characters, quotes and backslashes as %q does, and leaves letters of any script alone', () => {
    expect(goQuote('a"\\\n\t\x00é漢😀')).toBe('"a\\"\\\\\\n\\t\\x00é漢😀"');
    expect(goQuote('\u200b')).toBe('"\\u200b"');
  });
  it('writes JSON with sorted members and escaped angle brackets', () => {
    expect(goJson({ b: '<&>', a: [1, null, { d: true, c: undefined }] })).toBe(
      '{"a":[1,null,{"d":true}],"b":"\\u003c\\u0026\\u003e"}',
    );
  });
  it('counts code points, not UTF-16 units', () => {
    expect(codePoints('😀é')).toBe(2);
  });
});
