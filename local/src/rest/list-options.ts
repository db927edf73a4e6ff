import type { Resource } from '../registry/resource.ts';
import { type FieldError, fieldError } from '../schema/field-error.ts';
import { type FieldSelector, parseFieldSelector } from '../selectors/field-selector.ts';
import { parseLabelSelector, SelectorSyntaxError } from '../selectors/label-selector.ts';
import type { Selection } from '../selectors/selection.ts';
import { badRequest, invalid } from '../status/api-error.ts';
import { queryInteger } from './query-integer.ts';

/** The query parameters of a list or a watch. */
export interface ListOptions {
  selection: Selection;
  /** 0: no limit. */
  limit: number;
  continueToken: string;
  /** Undefined: unset. 0: whatever is at hand. */
  resourceVersion: number | undefined;
  resourceVersionMatch: string;
  isWatch: boolean;
  allowWatchBookmarks: boolean;
  sendInitialEvents: boolean | undefined;
  timeoutSeconds: number | undefined;
}

function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  return text !== 'false' && text !== '0';
}

function revision(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const quoted = JSON.stringify(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
  );
}

function selectionOf(resource: Resource, query: URLSearchParams): Selection {
  try {
    const labels = parseLabelSelector(query.get('labelSelector') ?? '');
    const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
    checkFields(resource, fields);
    return { labels, fields };
  } catch (error) {
    if (error instanceof SelectorSyntaxError) throw badRequest(error.message);
    throw error;
  }
}

function checkFields(resource: Resource, fields: FieldSelector): void {
  const metadata =
    resource.namespaced || !resource.custom ? ['metadata.name', 'metadata.namespace'] : ['metadata.name'];
  const supported = new Set([...metadata, ...resource.strategy.selectableFieldNames]);
  const unknown = fields.find(({ field }) => !supported.has(field))?.field;
  if (unknown === undefined) return;
  const isPlain = !resource.custom && resource.strategy.selectableFieldNames.length === 0;
  if (!isPlain) throw badRequest(`field label not supported: ${unknown}`);
  throw badRequest(
    `${JSON.stringify(unknown)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}

function matchErrors(options: ListOptions): FieldError[] {
  const { resourceVersionMatch: match, resourceVersion, isWatch, sendInitialEvents, continueToken } = options;
  const forbid = (detail: string) => fieldError.forbidden('resourceVersionMatch', detail);
  if (isWatch) return watchMatchErrors(options, forbid);
  const errors: FieldError[] = [];
  if (match) {
    if (resourceVersion === undefined)
      errors.push(forbid('resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (continueToken) errors.push(forbid('resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(fieldError.notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === 0)
      errors.push(forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (sendInitialEvents !== undefined)
    errors.push(fieldError.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchMatchErrors(options: ListOptions, forbid: (detail: string) => FieldError): FieldError[] {
  const { resourceVersionMatch: match, sendInitialEvents, continueToken } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (!match) return errors;
  if (sendInitialEvents === undefined)
    errors.push(forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  if (match !== 'NotOlderThan') errors.push(fieldError.notSupported('resourceVersionMatch', match, ['NotOlderThan']));
  if (continueToken) errors.push(forbid('resourceVersionMatch is forbidden when continue is provided'));
  return errors;
}

/** Reads and checks the options of a list or watch. @param name set when the path names one object. @throws ApiError 400 or 422 */
export function readListOptions(resource: Resource, query: URLSearchParams, name = ''): ListOptions {
  const selection = selectionOf(resource, query);
  const options: ListOptions = {
    selection: name
      ? { ...selection, fields: [...selection.fields, { field: 'metadata.name', operator: '=', value: name }] }
      : selection,
    limit: Math.max(0, queryInteger(query, 'limit') ?? 0),
    continueToken: query.get('continue') ?? '',
    resourceVersion: revision(query),
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    isWatch: flag(query, 'watch') ?? false,
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: flag(query, 'sendInitialEvents'),
    timeoutSeconds: queryInteger(query, 'timeoutSeconds'),
  };
  const errors = matchErrors(options);
  if (errors.length > 0) throw invalid('meta.k8s.io', 'ListOptions', '', errors);
  return options;
}
