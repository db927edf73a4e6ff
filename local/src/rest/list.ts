import { keyBounds, type Resource } from '../registry/resource.ts';
import { type Selection, selectedName, selects, selectsAll } from '../selectors/selection.ts';
import { badRequest, expired, futureRevision } from '../status/api-error.ts';
import type { Attributes, Entry } from '../store/key-index.ts';
import { decodeObject } from '../store/object-bytes.ts';
import type { Api } from './api.ts';
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts';
import type { ListOptions } from './list-options.ts';

/** What a list says of itself. */
export interface ListHead {
  revision: number;
  continueToken: string | undefined;
  /** How many objects follow; unknown where a selector is given, of which the last page may have an (empty) page behind it, as the real server's. */
  remaining: number | undefined;
}

/** One page of a list, as of one revision. */
export interface ListPage extends ListHead {
  /** The revisions that wrote its objects, in the order of keys. They are numbers, so that all of a large collection weighs little; values are read as they are sent. */
  revs: readonly number[];
}

const INCONSISTENT_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** The entries that a selection lets through now, in the order of keys. @throws ApiError 504 */
export function selectEntries(api: Api, resource: Resource, namespace: string, options: ListOptions): Entry[] {
  const { selection, resourceVersion = 0 } = options;
  if (resourceVersion > api.store.revision) throw futureRevision(resourceVersion, api.store.revision);
  const entries = candidates(api, resource, namespace, selection);
  if (selectsAll(selection)) return entries;
  return entries.filter((entry) => selects(selection, api.store.attributes(entry)));
}

/** What a selection has to look at: all of the collection, or the one that it names. */
function candidates(api: Api, resource: Resource, namespace: string, selection: Selection, after?: string): Entry[] {
  const bounds = keyBounds(resource, namespace);
  const name = selectedName(selection);
  if (name !== undefined) return named(api, resource, namespace, name);
  return api.store.entries(resource.storage, after ?? bounds.from, bounds.to);
}

function named(api: Api, resource: Resource, namespace: string, name: string): Entry[] {
  if (resource.namespaced && !namespace) return api.store.entries(resource.storage);
  const entry = api.store.entry(resource.storage, resource.namespaced ? `${namespace}/${name}` : name);
  return entry ? [entry] : [];
}

/** A list, or the page of one. @throws ApiError 400, 410, 504 */
export function listObjects(api: Api, resource: Resource, namespace: string, options: ListOptions): ListPage {
  const { store } = api;
  const { resourceVersion = 0, resourceVersionMatch, continueToken } = options;
  // A list from whatever is at hand is not paged, as in the real server's cache.
  const paged = options.resourceVersion === 0 ? { ...options, limit: 0 } : options;
  if (continueToken) return continueList(api, resource, namespace, paged);
  if (resourceVersion > store.revision) throw futureRevision(resourceVersion, store.revision);
  if (resourceVersionMatch === 'Exact') {
    if (resourceVersion < store.compacted) throw expired('The resourceVersion for the provided list is too old.');
    return pageAt(api, resource, namespace, options, resourceVersion, undefined);
  }
  return pageNow(api, resource, namespace, paged, store.revision, undefined);
}

function continueList(api: Api, resource: Resource, namespace: string, options: ListOptions): ListPage {
  if (options.resourceVersion) throw badRequest('specifying resource version is not allowed when using continue');
  const { rev, after } = decodeContinueToken(options.continueToken);
  const { store } = api;
  if (rev < 0) return pageNow(api, resource, namespace, options, store.revision, after);
  if (rev < store.compacted) throw expired(INCONSISTENT_CONTINUE, encodeContinueToken(-1, after));
  if (store.lastChange(resource.storage) <= rev) return pageNow(api, resource, namespace, options, rev, after);
  return pageAt(api, resource, namespace, options, rev, after);
}

/** From the index: nothing but the page's own values is read. */
function pageNow(
  api: Api,
  resource: Resource,
  namespace: string,
  options: ListOptions,
  revision: number,
  after: string | undefined,
): ListPage {
  const { selection, limit } = options;
  const entries = candidates(api, resource, namespace, selection, after);
  const isPlain = selectsAll(selection);
  const revs: number[] = [];
  let seen = 0;
  let last: string | undefined;
  for (const entry of entries) {
    if (limit > 0 && revs.length === limit) break;
    seen += 1;
    if (!isPlain && !selects(selection, api.store.attributes(entry))) continue;
    revs.push(entry.rev);
    last = entry.key;
  }
  return finishPage(options, revision, revs, entries.length - seen, last);
}

/** From the log, as it was at an older revision. */
function pageAt(
  api: Api,
  resource: Resource,
  namespace: string,
  options: ListOptions,
  revision: number,
  after: string | undefined,
): ListPage {
  const { from, to } = keyBounds(resource, namespace);
  const start = after ?? from;
  const revs: number[] = [];
  const isPlain = selectsAll(options.selection);
  let last: string | undefined;
  let left = 0;
  for (const { key, rev } of api.store.keysAt(revision, resource.storage, start, to)) {
    if (options.limit > 0 && revs.length === options.limit) {
      left = isPlain ? api.store.countAt(revision, resource.storage, start, to) - revs.length : 1;
      break;
    }
    if (!isPlain && !selects(options.selection, attributesAt(api, resource, rev))) continue;
    revs.push(rev);
    last = key;
  }
  return finishPage(options, revision, revs, left, last);
}

function attributesAt({ store, registry }: Api, { storage }: Resource, rev: number): Attributes {
  return registry.attributesOf(storage, decodeObject(store.valueAt(rev)));
}

function finishPage(
  options: ListOptions,
  revision: number,
  revs: readonly number[],
  left: number,
  last: string | undefined,
): ListPage {
  const hasMore = left > 0 && last !== undefined;
  return {
    revision,
    revs,
    continueToken: hasMore ? encodeContinueToken(revision, last) : undefined,
    remaining: hasMore && selectsAll(options.selection) ? left : undefined,
  };
}
