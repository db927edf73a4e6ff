import { dump } from 'js-yaml';

export const OUTPUT_FORMATS = ['json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What a terminal must not get, and JSON and YAML would let through: C1 controls, bidi and other format characters, tags. */
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu;

/** A value for programs. What a terminal could misread is escaped, so the value stays exactly what it is. */
export function structured(value: unknown, format: OutputFormat): string {
  const plain: unknown = JSON.parse(JSON.stringify(value ?? null));
  if (format === 'json') return JSON.stringify(plain, null, 2).replace(UNSAFE, jsonEscape);
  const text = dump(plain, YAML).trimEnd();
  // Escapes exist only between double quotes; quotes everywhere are ugly, so they come only where they are needed.
  if (text.search(UNSAFE) === -1) return text;
  return dump(plain, { ...YAML, forceQuotes: true, quoteStyle: 'double' })
    .trimEnd()
    .replace(UNSAFE, yamlEscape);
}

const YAML = { lineWidth: -1, noRefs: true } as const;
const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0');

/** JSON knows code units only. */
function jsonEscape(character: string): string {
  return Array.from({ length: character.length }, (_, index) => `\\u${hex(character.charCodeAt(index), 4)}`).join('');
}

function yamlEscape(character: string): string {
  return `\\U${hex(character.codePointAt(0) ?? 0, 8)}`;
}
