import { keyBounds, type Resource } from '../registry/resource.ts';
import { selectedName, selects, selectsAll } from '../selectors/selection.ts';
import { badRequest, expired, futureRevision } from '../status/api-error.ts';
import type { Entry } from '../store/key-index.ts';
import { decodeObject } from '../store/revision-store.ts';
import type { Api } from './api.ts';
import { decodeContinueToken, encodeContinueToken } from './continue-token.ts';
import type { ListOptions } from './list-options.ts';

/** One stored object of a list. */
export interface ListItem {
  rev: number;
  bytes: Buffer;
}

/** One page of a list, as of one revision. */
export interface ListPage {
  revision: number;
  items: ListItem[];
  continueToken: string | undefined;
  /** How many objects follow; unknown where a selector is given. */
  remaining: number | undefined;
}

const INCONSISTENT_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** The entries that a selection lets through now, in the order of keys. */
export function selectEntries(
  api: Api,
  resource: Resource,
  namespace: string,
  options: ListOptions,
  from?: string,
): Entry[] {
  const bounds = keyBounds(resource, namespace);
  const { selection } = options;
  const name = selectedName(selection);
  const candidates =
    name !== undefined
      ? named(api, resource, namespace, name)
      : api.store.entries(resource.storage, from ?? bounds.from, bounds.to);
  if (selectsAll(selection)) return candidates;
  return candidates.filter((entry) => selects(selection, api.store.attributes(entry)));
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
  if (continueToken) return continueList(api, resource, namespace, options);
  if (resourceVersion > store.revision) throw futureRevision(resourceVersion, store.revision);
  if (resourceVersionMatch === 'Exact') {
    if (resourceVersion < store.compacted) throw expired('The resourceVersion for the provided list is too old.');
    return pageAt(api, resource, namespace, options, resourceVersion, undefined);
  }
  // A list from whatever is at hand is not paged, as in the real server's cache.
  const isUnpaged = options.resourceVersion === 0;
  return pageNow(api, resource, namespace, isUnpaged ? { ...options, limit: 0 } : options, store.revision, undefined);
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
  const entries = selectEntries(api, resource, namespace, options, after);
  const page = options.limit > 0 && entries.length > options.limit ? entries.slice(0, options.limit) : entries;
  const items = page.map((entry) => ({ rev: entry.rev, bytes: api.store.bytes(entry) }));
  const left = entries.length - page.length;
  return finishPage(options, revision, items, left, page.at(-1)?.key);
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
  const items: ListItem[] = [];
  const isPlain = selectsAll(options.selection);
  let last: string | undefined;
  let left = 0;
  for (const { key, rev, bytes } of api.store.valuesAt(revision, resource.storage, start, to)) {
    if (!isPlain && !selects(options.selection, api.registry.attributesOf(resource.storage, decodeObject(bytes))))
      continue;
    if (options.limit > 0 && items.length === options.limit) {
      left = isPlain ? api.store.countAt(revision, resource.storage, start, to) - items.length : 1;
      break;
    }
    items.push({ rev, bytes });
    last = key;
  }
  return finishPage(options, revision, items, left, last);
}

function finishPage(
  options: ListOptions,
  revision: number,
  items: ListItem[],
  left: number,
  last: string | undefined,
): ListPage {
  const hasMore = left > 0 && last !== undefined;
  return {
    revision,
    items,
    continueToken: hasMore ? encodeContinueToken(revision, last) : undefined,
    remaining: hasMore && selectsAll(options.selection) ? left : undefined,
  };
}
