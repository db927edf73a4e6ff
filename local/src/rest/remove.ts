import type { Resource } from '../registry/resource.ts';
import type { Entry } from '../store/key-index.ts';
import { type Api, readEntry } from './api.ts';

/** Takes an object out of the store. Watchers see the last state that was stored, under the revision of the deletion. */
export function removeObject(api: Api, resource: Resource, entry: Entry): void {
  const last = readEntry(api, resource, entry);
  last.apiVersion = resource.storedApiVersion;
  api.store.delete(entry, last);
}
