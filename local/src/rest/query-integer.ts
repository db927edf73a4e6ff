import { badRequest } from '../status/api-error.ts';

/** An integer of a query, as Go's `strconv.ParseInt` reads it; undefined where the parameter is absent. @throws ApiError 400 in its words */
export function queryInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^[-+]?\d{1,18}$/.test(text)) return Number(text);
  const why = /^[-+]?\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
}
