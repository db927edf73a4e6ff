import type { JsonValue } from './json.ts';
import { isJsonObject } from './json.ts';

const SHORT_ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function escapeCodePoint(char: string): string {
  const short = SHORT_ESCAPES[char];
  if (short !== undefined) return short;
  if (PRINTABLE.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}

/** A string as Go's `%q` prints it: error messages of the API server quote values this way. */
export function goQuote(text: string): string {
  return `"${Array.from(text, escapeCodePoint).join('')}"`;
}

/** A character as Go's `%q` prints a rune. */
export function goQuoteChar(char: string): string {
  return `'${char === '"' ? char : char === "'" ? "\\'" : escapeCodePoint(char)}'`;
}

const HTML: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** Texts in which nothing is escaped: most names and keys. */
const PLAIN = /^[\w ./:-]*$/;

/** A value as Go's `encoding/json` writes it: members sorted, `<`, `>` and `&` escaped. */
export function goJson(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (isJsonObject(value)) {
    const members = Object.keys(value).filter((key) => value[key] !== undefined);
    return `{${members
      .sort()
      .map((key) => `${goJson(key)}:${goJson(value[key])}`)
      .join(',')}}`;
  }
  if (typeof value === 'string' && PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(value ?? null).replace(/[<>&\u2028\u2029]/g, (char) => HTML[char] ?? char);
}

/** The number of code points, which is what `maxLength` and CEL's `size` count. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
