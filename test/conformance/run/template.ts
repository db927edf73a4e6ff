import type { Json } from '../case.ts';

/** What templates are filled from: the namespace and the answers kept so far. */
export interface Saved {
  ns: string;
  answers: Map<string, Json>;
}

const PLACE = /\{([a-zA-Z][a-zA-Z0-9]*)(?::([^{}]+))?\}/g;

/** The value at a dotted path of a JSON value; `items.0.metadata.name` counts into lists. */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((found, key) => {
    if (Array.isArray(found)) return found[Number(key)];
    return typeof found === 'object' && found !== null ? found[key] : undefined;
  }, value);
}

/** Fills `{ns}` and `{saved:path}`; anything else in braces stays as it is. */
export function fill(template: string, saved: Saved): string {
  return template.replace(PLACE, (whole, name: string, path: string | undefined) => {
    if (path === undefined) return name === 'ns' ? saved.ns : whole;
    const answer = saved.answers.get(name);
    if (answer === undefined) return whole;
    const value = valueAt(answer, path);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : `<no ${name}:${path}>`;
  });
}

/** Fills every text of a body. */
export function fillBody(body: Json, saved: Saved): Json {
  if (typeof body === 'string') return fill(body, saved);
  if (Array.isArray(body)) return body.map((item) => fillBody(item, saved));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, member]) => [key, fillBody(member, saved)]));
}
