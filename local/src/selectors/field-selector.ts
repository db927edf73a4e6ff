import { SelectorSyntaxError } from './label-selector.ts';

/** One term of a field selector. A field that an object does not have counts as empty. */
export interface FieldTerm {
  field: string;
  operator: '=' | '!=';
  value: string;
}

/** A conjunction of terms. Empty selects everything. */
export type FieldSelector = readonly FieldTerm[];

/** Parses `a=b,c!=d`; in values `\` escapes `,`, `=` and itself. @throws SelectorSyntaxError */
export function parseFieldSelector(text: string): FieldSelector {
  return splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text));
}

function splitTerms(text: string): string[] {
  return text.match(/(?:\\.|\\$|[^,\\])+/gs) ?? [];
}

function parseTerm(term: string, selector: string): FieldTerm {
  const match = /^([^=!]*?)(!=|==|=)(.*)$/s.exec(term);
  if (!match) throw new SelectorSyntaxError(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [, field, operator, value] = match as unknown as [string, string, string, string];
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) };
}

function unescapeValue(text: string): string {
  return text.replace(/\\(.?)|[=,]/gs, (sequence, escaped: string | undefined) => {
    if (escaped === undefined)
      throw new SelectorSyntaxError(`invalid field selector: unescaped character in value: ${sequence}`);
    if (escaped === '' || !'\\,='.includes(escaped)) {
      throw new SelectorSyntaxError(`invalid field selector: invalid escape sequence: ${sequence}`);
    }
    return escaped;
  });
}

/** True when the fields meet every term. */
export function matchesFields(selector: FieldSelector, fields: { readonly [path: string]: string }): boolean {
  return selector.every(({ field, operator, value }) => ((fields[field] ?? '') === value) === (operator === '='));
}
