import { readFileSync } from 'node:fs';

/** What a template may name: texts, lists of texts, or nothing. */
export type TemplateValues = Record<string, string | readonly string[]>;

const loaded = new Map<string, string>();

/** Reads a template that lies beside this file; once. */
export function loadTemplate(name: string): string {
  let template = loaded.get(name);
  if (template === undefined) {
    template = readFileSync(new URL(`./templates/${name}.tmpl`, import.meta.url), 'utf8');
    loaded.set(name, template);
  }
  return template;
}

const LINE = /\r\n|[\r\n\u2028\u2029]+/g;

/** Makes a text fit for where it is put: it came from a person, and must not become code, markup or a formula there. */
const ESCAPES: Record<string, (text: string) => string> = {
  /** One line: for comments and Markdown. */
  line: (text) => text.replace(LINE, ' ').replaceAll('*/', '* /'),
  js: (text) => JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'),
  csv: (text) => {
    const flat = text.replace(LINE, ' ');
    return `"${(/^[=+\-@\t]/.test(flat) ? `'${flat}` : flat).replaceAll('"', '""')}"`;
  },
  html: (text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
};

/**
 * Fills a template: `{{name}}` (one line), `{{name|js}}`, `{{name|csv}}`, `{{name|html}}`; `{{#list}}…{{.}}…{{/list}}` repeats for each
 * item, `{{^list}}…{{/list}}` stands where it is empty. Section tags take the line break after them along.
 */
export function renderTemplate(template: string, values: TemplateValues): string {
  // One pass: what was filled in is never read again, so a directive that contains tags stays text.
  return template.replace(SECTION_OR_TAG, (whole, ...groups: (string | undefined)[]) => {
    const [sign, name, body] = groups;
    if (sign === undefined || name === undefined || body === undefined) return fillTag(whole, values);
    const value = values[name] ?? [];
    const items = typeof value === 'string' ? (value === '' ? [] : [value]) : value;
    if (sign === '^') return items.length === 0 ? fillTags(body, values) : '';
    return items.map((item) => fillTags(body, { ...values, '.': item })).join('');
  });
}

const SECTION_OR_TAG = /\{\{([#^])(\w+)\}\}\n?([\s\S]*?)\{\{\/\2\}\}\n?|\{\{[\w.]+(?:\|\w+)?\}\}/g;
const TAG = /\{\{[\w.]+(?:\|\w+)?\}\}/g;

const fillTags = (body: string, values: TemplateValues): string => body.replace(TAG, (tag) => fillTag(tag, values));

function fillTag(tag: string, values: TemplateValues): string {
  const [name = '', way = 'line'] = tag.slice(2, -2).split('|');
  const value = values[name];
  const write = ESCAPES[way];
  if (typeof value !== 'string' || !write) throw new Error(`the template has ${tag}, which cannot be filled`);
  return write(value);
}
